package smt

import (
	"encoding/hex"
	"fmt"
	"io"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/modelfile"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/safetensors"
)

// planKind is that of the files of plans.
var planKind = modelfile.Kind{Package: "smt", Noun: "encoder", Format: "smt-encoder", Version: 1}

// planHeader is the metadata of such a file.
type planHeader struct {
	Version  int           `json:"version"`
	Software string        `json:"software"`
	Config   Config        `json:"config"`
	Shape    dataset.Shape `json:"shape"`
	Images   int           `json:"images"`
	Sampled  int           `json:"sampled"` // that whitening and atoms were learned from
	Depth    int           `json:"depth,omitempty"`
	IDs      string        `json:"ids"` // digest of the ids, in order
	LeftOut  []string      `json:"left_out,omitempty"`
}

// Save writes the plan to a safetensors file with checksums, whole or not at all. Tensors: whitening, atoms and mirror, as
// Model.Save has them, and
//
//	images  U8 [n, height, width, channels]  those that components are learned from, absent without
func (p *Plan) Save(path string) error { return planKind.Save(path, p.contents()) }

// SaveTo writes to w what Save writes to a file.
func (p *Plan) SaveTo(w io.Writer) error { return planKind.SaveTo(w, p.contents()) }

func (p *Plan) contents() modelfile.Contents {
	s := p.Shape()
	h := planHeader{planKind.Version, p.software, p.enc.cfg, s, p.images, p.enc.sampled, p.depth, p.ids, p.leftOut}
	tensors := p.enc.tensors()
	if p.shorten != nil {
		tensors = append(tensors, safetensors.NewTensor("images", p.shorten.pix, p.shorten.Len(), s.Height, s.Width, s.Channels))
	}
	return modelfile.Contents{Header: h, Tensors: tensors}
}

// LoadPlan reads a plan that Save wrote. The error names the file and what in it was found wrong.
func LoadPlan(path string) (*Plan, error) { return modelfile.Load(planKind, path, assemblePlan) }

// ReadPlan is LoadPlan of size bytes of r. Errors call them input.
func ReadPlan(r io.ReaderAt, size int64) (*Plan, error) {
	return modelfile.LoadFrom(planKind, r, size, assemblePlan)
}

// assemblePlan makes a plan of the tensors of f, checked against the header.
func assemblePlan(f *safetensors.File, h planHeader) (*Plan, error) {
	cfg := h.Config
	if h.Software != Version {
		return nil, fmt.Errorf("it is of version %s of this software, which is %s: parts that are counted by several versions do not make what one makes", h.Software, Version)
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := cfg.fits(h.Shape); err != nil {
		return nil, err
	}
	digest, err := hex.DecodeString(h.IDs)
	switch most := mostPixels / h.Shape.Len(); {
	case h.Images < 1 || h.Images > most:
		return nil, fmt.Errorf("header: images is %d, want 1 to %d of %v", h.Images, most, h.Shape)
	case h.Sampled < 1 || h.Sampled > atMost(cfg.Sample, h.Images):
		return nil, fmt.Errorf("header: sampled is %d, want 1 to %d of the %s", h.Sampled, atMost(cfg.Sample, h.Images), plural.Of(h.Images, "image"))
	case h.Depth < 0 || h.Depth > 16:
		return nil, fmt.Errorf("header: depth is %d, want 0 to 16 bits", h.Depth)
	case err != nil || len(digest) != 32:
		return nil, fmt.Errorf("header: ids is %q, want a SHA-256 in hexadecimal digits", h.IDs)
	}
	t, d, err := readEncoder(f, cfg, h.Shape)
	if err != nil {
		return nil, err
	}
	e, err := newEncoder(cfg, h.Shape, t, d)
	if err != nil {
		return nil, err
	}
	e.sampled = h.Sampled
	p := &Plan{enc: e, software: h.Software, images: h.Images, depth: h.Depth, ids: h.IDs, leftOut: h.LeftOut}
	if n, sample := cfg.ComponentsOf(h.Shape, h.Images); n > 0 {
		pix, err := safetensors.Values[uint8](f, "images", sample, h.Shape.Height, h.Shape.Width, h.Shape.Channels)
		if err != nil {
			return nil, err
		}
		p.shorten = &shortening{dataset.InMemory(h.Shape, pix), pix}
	}
	return p, nil
}
