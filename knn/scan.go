package knn

import (
	"slices"

	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/simd"
)

// A Scan is a search of some queries among vectors in 8 bits as they lie in a file, block by block. Scans of other
// blocks may run at once, each of its own, and Merge puts together what they found.
type Scan struct {
	*Searcher
	x, placed []float32 // a vector
	even, odd []float32
	near      []Neighbour
}

// NewScan returns a scan for the k nearest vectors to each of the queries, unit vectors of dim values one after the
// other. A vector and its flip are one neighbour, the nearer of the two.
func (r Rounded) NewScan(queries []float32, k int) (*Scan, error) {
	s, err := New(len(queries)/r.dim, r.dim, r.split, k)
	if err != nil {
		return nil, err
	}
	for q := range s.n {
		s.SetQuery(q, queries[q*r.dim:(q+1)*r.dim])
	}
	return &Scan{Searcher: s, x: make([]float32, r.dim), placed: make([]float32, r.stride)}, nil
}

var upward = func() (list [MostRounded]uint16) {
	for i := range list {
		list[i] = uint16(i)
	}
	return list
}()

// Block searches n vectors, at most MostRounded, that have the indices first, first+1, …. b has them in 8 bits.
// halves gives them in halves, and is asked where 8 bits leave a vector in question.
//
// A query stays as it is, so that rounding errs on one side alone: by ‖x − x̂‖, or by Hoeffding's bound, whichever is
// less. What float32 adds, to sums of at most `stride` products in whatever order, is at most stride·2⁻²⁴ each.
func (s *Scan) Block(b []byte, n, first int, halves func() ([]byte, error)) error {
	p := Rounded{s.layout}.parts(b, n)
	even := wholeChunks(s.split)
	s.even, s.odd = reuse.Zeros(s.even, n), reuse.Zeros(s.odd, n)
	rounding := slack + float32(s.stride)/(1<<23)
	var vectors []byte
	for q := range s.n {
		x := s.queries[q*s.stride : (q+1)*s.stride]
		if even > 0 {
			simd.DotBytes(upward[:n], x[:even], p.even, s.even)
		}
		if even < s.stride {
			simd.DotBytes(upward[:n], x[even:], p.odd, s.odd)
		}
		// Near are those that may be among the nearest, with the most that their cosine may be.
		s.near = s.near[:0]
		least := s.least(q)
		for i, e := range s.even {
			unit := p.unit(i)
			most := e*unit + abs(s.odd[i]*unit) + min(p.residual(i), hoeffding*unit) + rounding
			if most >= least {
				s.near = append(s.near, Neighbour{Index: i, Cosine: most})
			}
		}
		slices.SortFunc(s.near, byCosine)
		for _, near := range s.near {
			if near.Cosine < s.least(q) {
				break
			}
			if vectors == nil {
				var err error
				if vectors, err = halves(); err != nil {
					return err
				}
			}
			half.Decode(s.x, vectors[near.Index*s.dim*half.Size:])
			s.place(s.placed, s.x)
			s.offer(q, s.nearest(x, s.placed, first+near.Index))
		}
	}
	return nil
}

// nearest is vector y of an index, or its flip if that is nearer to the query x.
func (s *Scan) nearest(x, y []float32, index int) Neighbour {
	even, odd := s.product(x, y)
	if s.split < s.dim && odd < 0 {
		return Neighbour{index, true, even - odd}
	}
	return Neighbour{index, false, even + odd}
}

// Merge adds what another scan of the same queries found.
func (s *Scan) Merge(other *Scan) {
	for q, best := range other.best {
		for _, n := range best {
			s.offer(q, n)
		}
	}
}

func abs(x float32) float32 { return max(x, -x) }
