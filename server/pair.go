package server

import (
	"net/http"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
)

type pairAnswer struct {
	Cosine   float64    `json:"cosine"`
	Cells    []float64  `json:"cells"` // by rows; they add up to the cosine
	CellRows int        `json:"cell_rows"`
	CellCols int        `json:"cell_cols"`
	A        sideAnswer `json:"a"`
	B        sideAnswer `json:"b"`
	// Most is the value that the heat maps of both show in full colour.
	Most float64 `json:"most"`
}

type sideAnswer struct {
	Image   string    `json:"image"`
	Item    string    `json:"item,omitempty"`
	Class   string    `json:"class,omitempty"`
	Patches []float64 `json:"patches"` // by rows; they add up to the cosine
	// Pixels and Total are the sums over all pixels and all atoms: the cosine.
	Pixels float64         `json:"pixels"`
	Total  float64         `json:"total"`
	Active int             `json:"active"` // atoms of the image
	Atoms  []explain.Share `json:"atoms"`  // those that add the most, at most 40
}

const sharesTold = 40

func (s *Server) both(r *http.Request) (a, b *shown, p *explain.Pair, err error) {
	if a, err = s.find(r.PathValue("a")); err != nil {
		return nil, nil, nil, err
	}
	if b, err = s.find(r.PathValue("b")); err != nil {
		return nil, nil, nil, err
	}
	p, err = explain.Why(s.m, a.Image, b.Image)
	return a, b, p, err
}

func (s *Server) pair(r *http.Request) (any, error) {
	a, b, p, err := s.both(r)
	if err != nil {
		return nil, err
	}
	return pairAnswer{Cosine: p.Cosine, Cells: p.Cells, CellRows: p.CellRows, CellCols: p.CellCols,
		A: sideOf(a, &p.A), B: sideOf(b, &p.B), Most: draw.FullColour(p.A.Pixels, p.B.Pixels)}, nil
}

func sideOf(im *shown, side *explain.Side) sideAnswer {
	a := sideAnswer{Image: im.id, Item: im.ID, Class: im.class, Patches: side.Patches, Active: len(side.Atoms), Atoms: []explain.Share{}}
	_, a.Pixels, a.Total = side.Sums()
	a.Atoms = append(a.Atoms, side.Atoms[:min(sharesTold, len(side.Atoms))]...)
	return a
}

// heat is what each pixel of one of two images adds to their cosine; or, with a
// patch of the other named, what the pixels add together with that patch.
func (s *Server) heat(r *http.Request) (any, error) {
	a, b, p, err := s.both(r)
	if err != nil {
		return nil, err
	}
	im, side, other := a, &p.A, &p.B
	switch query(r, "side") {
	case "a":
	case "b":
		im, side, other = b, &p.B, &p.A
	default:
		return nil, badRequest("side is %q: want a or b", query(r, "side"))
	}
	with, err := between(r, "with", 0, len(other.Patches)-1, -1)
	if err != nil {
		return nil, err
	}
	if with < 0 {
		return picture{draw.Heat(im.Image, side.Pixels, draw.FullColour(p.A.Pixels, p.B.Pixels))}, nil
	}
	pixels := side.Spread(other.Match(with))
	return picture{draw.Heat(im.Image, pixels, draw.FullColour(pixels))}, nil
}
