package cooccur

import (
	"fmt"
	"io"
	"slices"

	"github.com/sparse-manifold/smt/internal/involution"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

const (
	packedFormat = "smt-packed-statistics"
	// packedVersion is 2 since files have their context and the flips of atoms: those of
	// version 1 cannot be read without the encoder.
	packedVersion = 2
)

// packedHeader is the metadata of a file of packed statistics.
type packedHeader struct {
	Version int     `json:"version"`
	Context Context `json:"context"`
	Atoms   int     `json:"atoms"`
	Encoder string  `json:"encoder,omitempty"`
	gridHeader
	Coded int64 `json:"coded"`
	// Batches holds the number of groups of each tensor of code sums.
	Batches []int `json:"batches"`
}

// contents puts the groups in an order of their own, BatchGroups a tensor.
func (s *Packed) contents() contents {
	h := packedHeader{packedVersion, s.Context, s.Atoms, s.Encoder, newGridHeader(s.Origin), s.Coded, nil}
	tensors := []safetensors.Tensor{
		safetensors.NewTensor("mirror", s.Mirror, len(s.Mirror)),
		safetensors.NewTensor("same", s.Same, len(s.Same)),
		safetensors.NewTensor("crossed", s.Crossed, len(s.Crossed)),
	}
	i := 0
	for groups := range slices.Chunk(s.arrange(), BatchGroups) {
		n := len(groups)
		sums, units := make([][]uint8, n), make([]uint8, n)
		for k, r := range groups {
			sums[k], units[k] = r.sums, *r.units
		}
		h.Batches = append(h.Batches, n)
		tensors = append(tensors,
			safetensors.NewRows(fmt.Sprintf("sums.%d", i), sums, s.Stride()),
			safetensors.NewTensor(fmt.Sprintf("patches.%d", i), units, n))
		i++
	}
	return contents{packedFormat, h, tensors}
}

// Save writes the statistics to a file.
func (s *Packed) Save(path string, notes map[string]string) error {
	return s.contents().save(path, notes)
}

// SaveTo writes the statistics to w.
func (s *Packed) SaveTo(w io.Writer, notes map[string]string) error {
	return s.contents().saveTo(w, notes)
}

func readPacked(f *safetensors.File, head []byte) (Statistics, error) {
	var h packedHeader
	if err := strictjson.Versioned(head, &h, packedVersion); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	o, err := h.origin(Origin{Encoder: h.Encoder, Context: h.Context, Atoms: h.Atoms, Denominator: 1})
	if err != nil {
		return nil, err
	}
	if h.Atoms > 1<<16 || h.Coded < 0 || h.Coded > mostCoded {
		return nil, fmt.Errorf("header: %s, %d coded: a number is out of range", plural.Of(h.Atoms, "atom"), h.Coded)
	}
	mirror, err := safetensors.Values[uint16](f, "mirror", h.Atoms)
	if err != nil {
		return nil, err
	}
	if a := involution.Fault(mirror); a >= 0 {
		return nil, fmt.Errorf("tensor mirror: atom %d is said to be the flip of atom %d, which is not its flip", mirror[a], a)
	}
	s, err := newPacked(o, mirror)
	if err != nil {
		return nil, err
	}
	s.Coded = h.Coded
	n := len(s.orbits.first) * (len(s.orbits.first) + 1) / 2
	if s.Same, err = safetensors.Values[uint32](f, "same", n); err != nil {
		return nil, err
	}
	if s.Crossed, err = safetensors.Values[uint32](f, "crossed", n); err != nil {
		return nil, err
	}
	if err := s.readGroups(f, h); err != nil {
		return nil, err
	}
	return s, s.checkPacked()
}

// readGroups reads the code sums of the groups.
func (s *Packed) readGroups(f *safetensors.File, h packedHeader) error {
	var coded int64
	for i, n := range h.Batches {
		if n < 1 {
			return fmt.Errorf("header: batch %d has %s, want at least 1", i, plural.Of(n, "group"))
		}
		sums, err := safetensors.Values[uint8](f, fmt.Sprintf("sums.%d", i), n, s.Stride())
		if err != nil {
			return err
		}
		units, err := safetensors.Values[uint8](f, fmt.Sprintf("patches.%d", i), n)
		if err != nil {
			return err
		}
		s.Sums, s.Units = append(s.Sums, sums), append(s.Units, units)
		s.Groups += int64(n)
		for k, p := range units {
			if int(p) > s.units() && !s.ownTopologies() {
				return fmt.Errorf("tensor patches.%d: group %d has %s of %v", i, k, plural.Of(p, "coded unit"), s.Grid)
			}
			coded += int64(p)
		}
	}
	if coded != h.Coded {
		return fmt.Errorf("header: coded is %d, the groups have %s", h.Coded, plural.Of(coded, "coded unit"))
	}
	return nil
}
