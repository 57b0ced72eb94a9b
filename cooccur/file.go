package cooccur

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/sparse-manifold/smt/internal/safetensors"
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
	err = open(path, fileFormat, func(f *safetensors.File, head []byte) error {
		s, err = read(f, head)
		notes = notesOf(f)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return s, notes, nil
}

// open calls f with a file of the format and its header; errors name the file.
func open(path, format string, f func(file *safetensors.File, head []byte) error) error {
	r, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("cooccur: %s: %w", path, err)
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return fmt.Errorf("cooccur: %s: %w", path, err)
	}
	file, err := safetensors.Read(r, info.Size())
	if err == nil {
		if got := file.Metadata["format"]; got != format {
			err = fmt.Errorf("format is %q, want %q", got, format)
		} else {
			err = f(file, []byte(file.Metadata["header"]))
		}
	}
	if err != nil {
		return fmt.Errorf("cooccur: %s: %w", path, err)
	}
	return nil
}

func read(f *safetensors.File, head []byte) (*Statistics, error) {
	var h header
	if err := json.Unmarshal(head, &h); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if h.Version != fileVersion {
		return nil, fmt.Errorf("version %d, this software reads version %d", h.Version, fileVersion)
	}
	if err := h.Context.Validate(); err != nil {
		return nil, err
	}
	if h.Atoms < 1 || h.Atoms > 1<<16 || h.Unit < 1 || h.GridRows < 1 || h.GridCols < 1 || h.Images < 0 || h.Coded < 0 || h.Pairs < 0 || h.Inner < 0 {
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

func notesOf(f *safetensors.File) map[string]string {
	notes := map[string]string{}
	for k, v := range f.Metadata {
		if name, ok := strings.CutPrefix(k, "note."); ok && name != "" {
			notes[name] = v
		}
	}
	return notes
}
