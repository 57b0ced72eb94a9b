package cooccur

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

const (
	fileFormat  = "smt-statistics"
	fileVersion = 1
)

// header is the metadata of a statistics file.
type header struct {
	Version  int     `json:"version"`
	Context  Context `json:"context"`
	Atoms    int     `json:"atoms"`
	Unit     int     `json:"unit"`
	Encoder  string  `json:"encoder,omitempty"`
	GridRows int     `json:"grid_rows"`
	GridCols int     `json:"grid_cols"`
	Images   int64   `json:"images"`
	Coded    int64   `json:"coded"`
	Pairs    int64   `json:"pairs"`
	Inner    int64   `json:"inner"`
}

// Save writes s, and notes of the caller's, to a safetensors file, whole or not
// at all.
func (s *Statistics) Save(path string, notes map[string]string) error {
	m, err := metadata(fileFormat, header{fileVersion, s.Context, s.Atoms, s.Unit, s.Encoder, s.GridRows, s.GridCols, s.Images, s.Coded, s.Pairs, s.Inner}, notes)
	if err != nil {
		return err
	}
	err = safetensors.WriteFile(path, m, []safetensors.Tensor{
		safetensors.NewTensor("V", s.V, len(s.V)),
		safetensors.NewTensor("M", s.M, len(s.M)),
	})
	if err != nil {
		return fmt.Errorf("cooccur: saving statistics: %w", err)
	}
	return nil
}

// Load reads a file that Save wrote, and its notes.
func Load(path string) (s *Statistics, notes map[string]string, err error) {
	notes, err = open(path, fileFormat, func(f *safetensors.File, head []byte) error {
		s, err = read(f, head)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return s, notes, nil
}

// open calls read with a file of the format and its header, and returns its notes. Errors
// name the file.
func open(path, format string, read func(file *safetensors.File, head []byte) error) (map[string]string, error) {
	r, info, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cooccur: %w", err)
	}
	defer r.Close()
	notes, err := parse(r, info.Size(), format, read)
	if err != nil {
		return nil, fmt.Errorf("cooccur: %s: %w", path, err)
	}
	return notes, nil
}

func parse(r io.ReaderAt, size int64, format string, read func(file *safetensors.File, head []byte) error) (map[string]string, error) {
	f, err := safetensors.Read(r, size)
	if err != nil {
		return nil, err
	}
	if got := f.Metadata["format"]; got != format {
		return nil, fmt.Errorf("format is %q, want %q", got, format)
	}
	if err := read(f, []byte(f.Metadata["header"])); err != nil {
		return nil, err
	}
	notes, known := map[string]string{}, []string{"format", "header"}
	for k, v := range f.Metadata {
		if name, is := strings.CutPrefix(k, "note."); is {
			notes[name], known = v, append(known, k)
		}
	}
	return notes, f.Complete(known...)
}

// maxPatches is more than an image has, so that no product of sizes overflows.
const maxPatches = 1 << 30

func read(f *safetensors.File, head []byte) (*Statistics, error) {
	var h header
	if err := strictjson.Versioned(head, &h, fileVersion); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if err := h.Context.Validate(); err != nil {
		return nil, err
	}
	if h.Atoms < 1 || h.Atoms > 1<<16 || h.Unit < 1 || h.Unit > 1<<16 || h.GridRows < 1 || h.GridCols < 1 || h.GridRows > maxPatches/h.GridCols ||
		h.Images < 0 || h.Coded < 0 || h.Pairs < 0 || h.Inner < 0 {
		return nil, fmt.Errorf("header: %+v has a number out of range", h)
	}
	s := &Statistics{Context: h.Context, Atoms: h.Atoms, Unit: h.Unit, Encoder: h.Encoder, GridRows: h.GridRows, GridCols: h.GridCols,
		Images: h.Images, Coded: h.Coded, Pairs: h.Pairs, Inner: h.Inner}
	n := h.Atoms * (h.Atoms + 1) / 2
	var err error
	if s.V, err = safetensors.Values[int64](f, "V", n); err != nil {
		return nil, err
	}
	if s.M, err = safetensors.Values[int64](f, "M", n); err != nil {
		return nil, err
	}
	for a := range s.Atoms {
		if d := a*(a+1)/2 + a; s.V[d] < 0 || s.M[d] < 0 {
			return nil, fmt.Errorf("element (%d, %d) is negative, want a sum of squares", a, a)
		}
	}
	return s, s.checkRoom()
}

// metadata is what a file says besides its tensors.
func metadata(format string, header any, notes map[string]string) (map[string]string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return nil, err
	}
	m := map[string]string{"format": format, "header": string(h)}
	for k, v := range notes {
		m["note."+k] = v
	}
	return m, nil
}
