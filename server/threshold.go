package server

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/sparse"
)

// ranking is the cosines of a whitened vector with all atoms, the largest first:
// the ones that codes are decided by, summed in float64.
func (s *Server) ranking(x []float32) []share {
	all := make([]share, len(s.atoms.x)/len(x))
	for a := range all {
		all[a] = share{a, linalg.Dot(x, s.atoms.x[a*len(x):])}
	}
	slices.SortFunc(all, func(a, b share) int { return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), a.Atom-b.Atom) })
	return all
}

// reach is the number of atoms that are active at the threshold t, 0 where the
// nearest has to stand in.
func reach(ranking []share, kind sparse.Kind, t float64) int {
	if kind == sparse.Soft {
		t += 0.5 / sparse.SoftUnit // values that round to zero are not active
	}
	n, _ := slices.BinarySearchFunc(ranking, t, func(s share, t float64) int {
		if s.Cosine >= t {
			return -1
		}
		return 1
	})
	return n
}

// codes are those of one patch at several thresholds, each with at least one atom.
func codes(ranking []share, kind sparse.Kind, thresholds []float64) *sparse.Codes {
	c := &sparse.Codes{Start: []int32{0}}
	for _, t := range thresholds {
		row := slices.Clone(ranking[:max(1, reach(ranking, kind, t))])
		filled := reach(ranking, kind, t) == 0
		slices.SortFunc(row, func(a, b share) int { return a.Atom - b.Atom })
		for _, s := range row {
			c.Atom = append(c.Atom, uint16(s.Atom))
			switch {
			case kind == sparse.Soft && filled:
				c.Value = append(c.Value, sparse.SoftUnit)
			case kind == sparse.Soft:
				c.Value = append(c.Value, uint16(max(1, (s.Cosine-t)*sparse.SoftUnit+0.5)))
			}
		}
		c.Start = append(c.Start, int32(len(c.Atom)))
	}
	return c
}

type thresholdAnswer struct {
	T     float64 `json:"t"`
	Own   float64 `json:"own"`   // the model's
	Count int     `json:"count"` // active atoms
	// Active are those, the nearest first, at most activeTold. With Filled, none
	// reaches t, and the nearest one stands in.
	Active []share `json:"active"`
	Filled bool    `json:"filled"`
	Kept   int     `json:"kept"` // of the active atoms, those active at the model's threshold too
	// Cosine is that of the embedding at t with the embedding at the model's.
	Cosine float64          `json:"cosine"`
	Curve  []thresholdPoint `json:"curve"`
}

// thresholdPoint is what a threshold comes to.
type thresholdPoint struct {
	T      float64 `json:"t"`
	Count  int     `json:"count"`
	Cosine float64 `json:"cosine"`
}

const (
	activeTold   = 240
	leastT       = 0.05
	mostT        = 0.95
	curveSamples = 46
)

func (s *Server) threshold(r *http.Request) (any, error) {
	_, _, x, err := s.at(r)
	if err != nil {
		return nil, err
	}
	c := s.m.Config()
	t, err := amount(r, "t", leastT, mostT, c.Threshold)
	if err != nil {
		return nil, err
	}
	if c.Code == sparse.Nearest {
		return nil, badRequest("the model codes a patch by its nearest atom: there is no threshold")
	}
	if c.Code == sparse.L1 {
		return nil, badRequest("the model codes a patch by an L1 code: what λ makes of it does not follow from cosines alone")
	}
	if x == nil {
		return nil, badRequest("the patch has no signal, and no code at any threshold")
	}
	ranking := s.ranking(x)
	thresholds := []float64{c.Threshold, t}
	for k := range curveSamples {
		thresholds = append(thresholds, leastT+(mostT-leastT)*float64(k)/(curveSamples-1))
	}
	code := codes(ranking, c.Code, thresholds)
	beta := explain.Embed(s.m, code)
	row := func(i int) []float32 { return beta[i*c.Dims : (i+1)*c.Dims] }
	n := reach(ranking, c.Code, t)
	a := thresholdAnswer{T: t, Own: c.Threshold, Count: max(1, n), Filled: n == 0, Cosine: explain.Cosine(row(0), row(1))}
	a.Active = ranking[:min(a.Count, activeTold)]
	a.Kept = min(a.Count, len(code.Row(0)))
	for k, t := range thresholds[2:] {
		a.Curve = append(a.Curve, thresholdPoint{t, len(code.Row(2 + k)), explain.Cosine(row(0), row(2+k))})
	}
	return a, nil
}
