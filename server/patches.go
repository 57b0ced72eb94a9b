package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/patch"
)

// patches are some of the bank's, from all over its images.
type patches struct {
	*explain.Places
	gallery *explain.Gallery
	usage   []int // patches that each atom is active in
}

const (
	patchImages = 400
	patchesEach = 40
	nearest     = 12 // neighbours told in each space
)

func (s *Server) scatter(ctx context.Context, report func(done, total int)) error {
	report(0, 1)
	from, vectors, err := explain.Scatter(ctx, s.m, s.images.Bank, patchImages, patchesEach)
	if err != nil {
		return err
	}
	gallery, err := explain.NewGallery(ctx, s.m, vectors)
	if err != nil {
		return err
	}
	s.patches = &patches{from, gallery, gallery.Usage()}
	report(1, 1)
	return nil
}

// share is an atom and a number.
type share struct {
	Atom   int     `json:"atom"`
	Cosine float64 `json:"cosine"`
}

// near is a patch of the bank, or an atom, near a patch.
type near struct {
	Atom    *int                    `json:"atom,omitempty"`
	Image   string                  `json:"image,omitempty"`
	Item    string                  `json:"item,omitempty"` // of the image
	Patch   *int                    `json:"patch,omitempty"`
	Class   string                  `json:"class,omitempty"`
	Cosines [explain.Stages]float64 `json:"cosines"`
	Ranks   [explain.Stages]int     `json:"ranks"`
}

// neighbourhood is the neighbours of a patch in each of the three spaces.
type neighbourhood struct {
	Signal    []near `json:"signal"`
	Code      []near `json:"code"`
	Embedding []near `json:"embedding"`
}

func neighbourhoodOf(j *explain.Journey, tell func(n explain.Near) near) neighbourhood {
	var lists [explain.Stages][]near
	for s, found := range j.Nearest {
		lists[s] = []near{}
		for _, n := range found {
			v := tell(n)
			v.Cosines, v.Ranks = n.Cosines, n.Ranks
			lists[s] = append(lists[s], v)
		}
	}
	return neighbourhood{lists[explain.Signal], lists[explain.Code], lists[explain.Embedding]}
}

func (s *Server) nearPatches(x []float32) neighbourhood {
	return neighbourhoodOf(s.patches.gallery.Journey(x, nearest, nil), func(n explain.Near) near {
		i := s.patches.Image[n.Index]
		return near{Image: fmt.Sprintf("bank-%d", i), Item: s.images.Bank.ID(i), Patch: &s.patches.At[n.Index], Class: dataset.ClassOf(s.images.Bank, i)}
	})
}

func (s *Server) nearAtoms(x []float32, skip func(int) bool) neighbourhood {
	return neighbourhoodOf(s.atoms.gallery.Journey(x, nearest, skip), func(n explain.Near) near { return near{Atom: &n.Index} })
}

type patchAnswer struct {
	Image string `json:"image"`
	Patch int    `json:"patch"`
	Row   int    `json:"row"`
	Col   int    `json:"col"`
	Blank bool   `json:"blank"` // it has no signal, and nothing of what follows
	// Active are the atoms of its code, the nearest first. With Filled, none
	// reaches the threshold, and the nearest one stands in.
	Active  []share       `json:"active"`
	Filled  bool          `json:"filled"`
	Patches neighbourhood `json:"patches"` // of the bank
	Atoms   neighbourhood `json:"atoms"`
}

// at is the patch that a request names: its image, its number, and its whitened
// vector, nil for a blank one.
func (s *Server) at(r *http.Request) (im *shown, i int, x []float32, err error) {
	if im, err = s.named(r); err != nil {
		return nil, 0, nil, err
	}
	rows, cols := s.m.Stages().Transform.Grid(s.shape)
	if i, err = numbered(r, "patch", rows*cols); err != nil {
		return nil, 0, nil, err
	}
	var out patch.Patches
	dim := s.m.Stages().Transform.Dim()
	s.m.Stages().Transform.ApplyTo(im.Pix, s.shape, []int{i}, dim, &out)
	if out.Blank[0] {
		return im, i, nil, nil
	}
	return im, i, out.X[:dim], nil
}

func (s *Server) patch(r *http.Request) (any, error) {
	im, i, x, err := s.at(r)
	if err != nil {
		return nil, err
	}
	at := s.m.Stages().Transform.Box(s.shape, i).Min
	a := &patchAnswer{Image: im.id, Patch: i, Row: at.Y, Col: at.X, Blank: x == nil, Active: []share{}}
	if x == nil {
		return a, nil
	}
	active := map[int]bool{}
	for _, atom := range explain.Encode(s.m, x).Atom {
		active[int(atom)] = true
	}
	for _, v := range s.ranking(x) {
		if active[v.Atom] {
			a.Active = append(a.Active, v)
		}
	}
	a.Filled = len(a.Active) == 1 && a.Active[0].Cosine < s.m.Config().Threshold
	a.Patches, a.Atoms = s.nearPatches(x), s.nearAtoms(x, nil)
	return a, nil
}

const tileSide = 72 // pixels

// tile is a patch with what is around it.
func (s *Server) tile(r *http.Request) (any, error) {
	im, i, _, err := s.at(r)
	if err != nil {
		return nil, err
	}
	return picture{draw.Surroundings(im.Image, i, s.m.Stages().Transform.Size, tileSide)}, nil
}
