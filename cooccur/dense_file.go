package cooccur

import (
	"cmp"
	"fmt"
	"io"

	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

const (
	denseFormat  = "smt-statistics"
	denseVersion = 1
)

// denseHeader is the metadata of a file of dense statistics.
type denseHeader struct {
	Version int     `json:"version"`
	Context Context `json:"context"`
	Atoms   int     `json:"atoms"`
	Unit    int     `json:"unit"` // Denominator
	Encoder string  `json:"encoder,omitempty"`
	gridHeader
	Images int64 `json:"images"` // Groups
	Coded  int64 `json:"coded"`
	Pairs  int64 `json:"pairs"`
	Inner  int64 `json:"inner"`
}

func (s *Dense) contents() contents {
	return contents{denseFormat,
		denseHeader{denseVersion, s.Context, s.Atoms, s.Denominator, s.Encoder, newGridHeader(s.Origin), s.Groups, s.Coded, s.Pairs, s.Inner},
		[]safetensors.Tensor{
			safetensors.NewTensor("V", s.V, len(s.V)),
			safetensors.NewTensor("M", s.M, len(s.M)),
		}}
}

// Save writes the statistics to a file.
func (s *Dense) Save(path string, notes map[string]string) error {
	return s.contents().save(path, notes)
}

// SaveTo writes the statistics to w.
func (s *Dense) SaveTo(w io.Writer, notes map[string]string) error {
	return s.contents().saveTo(w, notes)
}

func readDense(f *safetensors.File, head []byte) (Statistics, error) {
	var h denseHeader
	if err := strictjson.Versioned(head, &h, denseVersion); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	o, err := h.origin(Origin{Encoder: h.Encoder, Context: h.Context, Atoms: h.Atoms, Denominator: h.Unit})
	if err = cmp.Or(err, h.Context.unweighted()); err != nil {
		return nil, err
	}
	if h.Atoms > 1<<16 || h.Unit > 1<<16 || h.Context.Radius > maxUnits || h.Images < 0 || h.Coded < 0 || h.Pairs < 0 || h.Inner < 0 {
		return nil, fmt.Errorf("header: %+v has a number out of range", h)
	}
	s := &Dense{Summary: Summary{o, h.Images, h.Coded}, Pairs: h.Pairs, Inner: h.Inner}
	if err := s.checkCounts(); err != nil {
		return nil, err
	}
	n := h.Atoms * (h.Atoms + 1) / 2
	if s.V, err = safetensors.Values[int64](f, "V", n); err != nil {
		return nil, err
	}
	if s.M, err = safetensors.Values[int64](f, "M", n); err != nil {
		return nil, err
	}
	if err := s.checkSums(); err != nil {
		return nil, err
	}
	return s, s.checkRoom()
}
