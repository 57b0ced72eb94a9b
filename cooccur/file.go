package cooccur

import (
	"encoding/json"
	"fmt"
	"os"

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
	h, err := json.Marshal(header{fileVersion, s.Context, s.Atoms, s.Unit, s.Encoder, s.GridRows, s.GridCols, s.Images, s.Coded, s.Pairs, s.Inner})
	if err != nil {
		return err
	}
	metadata := map[string]string{"format": fileFormat, "header": string(h)}
	for k, v := range notes {
		metadata["note."+k] = v
	}
	err = safetensors.WriteFile(path, metadata, []safetensors.Tensor{
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
	defer func() {
		if err != nil {
			err = fmt.Errorf("cooccur: %s: %w", path, err)
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	file, err := safetensors.Read(f, info.Size())
	if err != nil {
		return nil, nil, err
	}
	if got := file.Metadata["format"]; got != fileFormat {
		return nil, nil, fmt.Errorf("format is %q, want %q", got, fileFormat)
	}
	var h header
	if err := json.Unmarshal([]byte(file.Metadata["header"]), &h); err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	if h.Version != fileVersion {
		return nil, nil, fmt.Errorf("version %d, this software reads version %d", h.Version, fileVersion)
	}
	if err := h.Context.Validate(); err != nil {
		return nil, nil, err
	}
	if h.Atoms < 1 || h.Atoms > 1<<16 || h.Unit < 1 || h.GridRows < 1 || h.GridCols < 1 || h.Images < 0 || h.Coded < 0 || h.Pairs < 0 || h.Inner < 0 {
		return nil, nil, fmt.Errorf("header: %+v has a number out of range", h)
	}
	s = &Statistics{Context: h.Context, Atoms: h.Atoms, Unit: h.Unit, Encoder: h.Encoder, GridRows: h.GridRows, GridCols: h.GridCols,
		Images: h.Images, Coded: h.Coded, Pairs: h.Pairs, Inner: h.Inner}
	n := h.Atoms * (h.Atoms + 1) / 2
	if s.V, err = safetensors.Values[int64](file, "V", n); err != nil {
		return nil, nil, err
	}
	if s.M, err = safetensors.Values[int64](file, "M", n); err != nil {
		return nil, nil, err
	}
	for a := range s.Atoms {
		if d := a*(a+1)/2 + a; s.V[d] < 0 || s.M[d] < 0 {
			return nil, nil, fmt.Errorf("element (%d, %d) is negative, want a sum of squares", a, a)
		}
	}
	notes = map[string]string{}
	for k, v := range file.Metadata {
		if len(k) > 5 && k[:5] == "note." {
			notes[k[5:]] = v
		}
	}
	return s, notes, s.checkRoom()
}
