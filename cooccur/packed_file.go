package cooccur

import (
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

const packedFormat = "smt-packed-statistics"

// packedHeader is the metadata of a file of packed statistics.
type packedHeader struct {
	Version  int    `json:"version"`
	Atoms    int    `json:"atoms"`
	Encoder  string `json:"encoder,omitempty"`
	GridRows int    `json:"grid_rows"`
	GridCols int    `json:"grid_cols"`
	Coded    int64  `json:"coded"`
	// Batches holds the number of images of each tensor of code sums.
	Batches []int `json:"batches"`
}

// Save writes s, and notes of the caller's, to a safetensors file, whole or not
// at all. The images get an order of their own, BatchImages a tensor: the bytes
// depend on what was counted, not on the batches or the order of additions.
func (s *Packed) Save(path string, notes map[string]string) error {
	h := packedHeader{fileVersion, s.Atoms, s.Encoder, s.GridRows, s.GridCols, s.Coded, nil}
	tensors := []safetensors.Tensor{
		safetensors.NewTensor("same", s.Same, len(s.Same)),
		safetensors.NewTensor("crossed", s.Crossed, len(s.Crossed)),
	}
	i := 0
	for images := range slices.Chunk(s.arrange(), BatchImages) {
		n := len(images)
		sums, patches := make([][]uint8, n), make([]uint8, n)
		for k, r := range images {
			sums[k], patches[k] = r.sums, *r.patches
		}
		h.Batches = append(h.Batches, n)
		tensors = append(tensors,
			safetensors.NewRows(fmt.Sprintf("sums.%d", i), sums, s.Stride()),
			safetensors.NewTensor(fmt.Sprintf("patches.%d", i), patches, n))
		i++
	}
	m, err := metadata(packedFormat, h, notes)
	if err != nil {
		return err
	}
	if err := safetensors.WriteFile(path, m, tensors); err != nil {
		return fmt.Errorf("cooccur: saving statistics: %w", err)
	}
	return nil
}

// LoadPacked reads a file that Packed.Save wrote, and its notes. mirror is the flip
// of each atom, which the file does not have.
func LoadPacked(path string, mirror []uint16) (s *Packed, notes map[string]string, err error) {
	notes, err = open(path, packedFormat, func(f *safetensors.File, head []byte) error {
		s, err = readPacked(f, head, mirror)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return s, notes, nil
}

func readPacked(f *safetensors.File, head []byte, mirror []uint16) (*Packed, error) {
	var h packedHeader
	if err := strictjson.Versioned(head, &h, fileVersion); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if h.Atoms != len(mirror) {
		return nil, fmt.Errorf("header: statistics of %d atoms, want those of %d", h.Atoms, len(mirror))
	}
	if h.GridRows < 1 || h.GridCols < 1 || h.GridRows > math.MaxUint8 || h.GridCols > math.MaxUint8 || h.Coded < 0 || h.Coded > mostCoded {
		return nil, fmt.Errorf("header: grid of %d × %d patches, %d coded: a number is out of range", h.GridRows, h.GridCols, h.Coded)
	}
	s, err := newPacked(mirror, h.GridRows, h.GridCols)
	if err != nil {
		return nil, err
	}
	s.Encoder, s.Coded = h.Encoder, h.Coded
	n := len(s.orbits.first) * (len(s.orbits.first) + 1) / 2
	if s.Same, err = safetensors.Values[uint32](f, "same", n); err != nil {
		return nil, err
	}
	if s.Crossed, err = safetensors.Values[uint32](f, "crossed", n); err != nil {
		return nil, err
	}
	var coded int64
	for i, n := range h.Batches {
		if n < 1 {
			return nil, fmt.Errorf("header: batch %d has %d images, want at least 1", i, n)
		}
		sums, err := safetensors.Values[uint8](f, fmt.Sprintf("sums.%d", i), n, s.Stride())
		if err != nil {
			return nil, err
		}
		patches, err := safetensors.Values[uint8](f, fmt.Sprintf("patches.%d", i), n)
		if err != nil {
			return nil, err
		}
		s.Sums, s.Patches = append(s.Sums, sums), append(s.Patches, patches)
		s.Images += int64(n)
		for k, p := range patches {
			if int(p) > h.GridRows*h.GridCols {
				return nil, fmt.Errorf("tensor patches.%d: image %d has %d coded patches of %d × %d", i, k, p, h.GridRows, h.GridCols)
			}
			coded += int64(p)
		}
	}
	if coded != h.Coded {
		return nil, fmt.Errorf("header: coded is %d, the images have %d coded patches", h.Coded, coded)
	}
	return s, nil
}
