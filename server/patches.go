package server

import (
	"context"
	"fmt"
	"image"
	"net/http"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/patch"
)

// patches are some of the bank's, from all over its images.
type patches struct {
	image, at []int // where each is from: its image, and its number there
	gallery   *explain.Gallery
	usage     []int // patches that each atom is active in
}

const (
	patchImages = 400
	patchesEach = 40
	nearest     = 12 // neighbours told in each space
)

// scatter takes as many patches from each image, spread over it by a fixed stride
// that is coprime to their number.
func (s *Server) scatter(ctx context.Context) (*patches, error) {
	t, dim := s.m.Transform(), s.m.Transform().Dim()
	rows, cols := t.Grid(s.shape)
	n := rows * cols
	stride := 1 + n*38/100
	for gcd(stride, n) != 1 {
		stride++
	}
	p := &patches{usage: make([]int, s.m.Config().Atoms)}
	var vectors []float32
	total := min(patchImages, s.images.Bank.Len())
	for i := range total {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		im, err := explain.ImageOf(s.images.Bank, i)
		if err != nil {
			return nil, err
		}
		which := make([]int, min(patchesEach, n))
		for k := range which {
			which[k] = (i*7 + k*stride) % n
		}
		var out patch.Patches
		t.ApplyTo(im.Pix, im.Shape, which, dim, &out)
		for k := range which {
			if !out.Blank[k] {
				p.image, p.at = append(p.image, i), append(p.at, which[k])
				vectors = append(vectors, out.X[k*dim:(k+1)*dim]...)
			}
		}
	}
	for _, a := range s.m.Encode(vectors).Atom {
		p.usage[a]++
	}
	p.gallery = explain.NewGallery(s.m, vectors)
	s.o.Progress("coding patches", total, total)
	return p, nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
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
		i := s.patches.image[n.Index]
		return near{Image: fmt.Sprintf("bank-%d", i), Patch: &s.patches.at[n.Index], Class: class(s.images.Bank, i)}
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
	rows, cols := s.m.Transform().Grid(s.shape)
	if i, err = numbered(r, "patch", rows*cols); err != nil {
		return nil, 0, nil, err
	}
	var out patch.Patches
	dim := s.m.Transform().Dim()
	s.m.Transform().ApplyTo(im.Pix, s.shape, []int{i}, dim, &out)
	if out.Blank[0] {
		return im, i, nil, nil
	}
	return im, i, out.X[:dim], nil
}

func (s *Server) patch(_ http.ResponseWriter, r *http.Request) (any, error) {
	im, i, x, err := s.at(r)
	if err != nil {
		return nil, err
	}
	_, cols := s.m.Transform().Grid(s.shape)
	a := &patchAnswer{Image: im.id, Patch: i, Row: i / cols, Col: i % cols, Blank: x == nil, Active: []share{}}
	if x == nil {
		return a, nil
	}
	active := map[int]bool{}
	for _, atom := range s.m.Encode(x).Atom {
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

// tile is a patch with what is around it, enlarged, and framed: the window of
// three patches' width, moved to lie within the image.
func (s *Server) tile(_ http.ResponseWriter, r *http.Request) (any, error) {
	im, i, _, err := s.at(r)
	if err != nil {
		return nil, err
	}
	size := s.m.Transform().Size
	_, cols := s.m.Transform().Grid(s.shape)
	x, y := i%cols, i/cols
	side := min(3*size, s.shape.Width, s.shape.Height)
	x0 := min(max(0, x+size/2-side/2), s.shape.Width-side)
	y0 := min(max(0, y+size/2-side/2), s.shape.Height-side)
	factor := max(1, tileSide/side)
	part := image.NewNRGBA(image.Rect(0, 0, side, side))
	photo := draw.Photo(im.Image)
	for dy := range side {
		copy(part.Pix[dy*part.Stride:(dy+1)*part.Stride], photo.Pix[photo.PixOffset(x0, y0+dy):])
	}
	out := draw.Enlarge(part, factor)
	draw.Frame(out, image.Rect(x-x0, y-y0, x-x0+size, y-y0+size), factor)
	return picture{out}, nil
}
