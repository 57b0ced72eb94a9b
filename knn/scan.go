package knn

import (
	"slices"

	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/internal/simd"
)

// A Scan is a search of some queries among vectors as they lie in a file, block by block. Scans of other
// blocks may run at once, each of its own, and Merge puts together what they found.
type Scan struct {
	*Searcher
	four      []fourBits
	x, placed []float32 // a vector

	// Of the block that is searched: products in 4 bits, those that these leave, their products in 8 bits, and those
	// that are left then.
	sums      [2][]int32
	left      []uint16
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
	four := make([]fourBits, s.n)
	for q := range s.n {
		s.SetQuery(q, queries[q*r.dim:(q+1)*r.dim])
		four[q] = r.fourBits(s.queries[q*s.stride:(q+1)*s.stride], 2*uint32(q))
	}
	return &Scan{Searcher: s, four: four, x: make([]float32, r.dim), placed: make([]float32, r.stride)}, nil
}

// A Block gives vectors in 4 bits, in 8 where 4 leave some of them in question, and in halves, rows × dim, where 8 do.
type Block interface {
	Coarse() ([]byte, error)
	Codes() ([]byte, error)
	Halves() ([]byte, error)
}

// Block searches the n vectors of b, at most MostRounded, that have the indices first, first+1, ….
func (s *Scan) Block(b Block, n, first int) error {
	coarse, err := b.Coarse()
	if err != nil {
		return err
	}
	for q := range s.n {
		s.inFour(q, coarse, n)
		if len(s.left) == 0 {
			continue
		}
		codes, err := b.Codes()
		if err != nil {
			return err
		}
		s.inEight(q, codes, n)
		if len(s.near) == 0 {
			continue
		}
		halves, err := b.Halves()
		if err != nil {
			return err
		}
		s.decide(q, halves, first)
	}
	return nil
}

// inFour finds the vectors that 4 bits leave in question. The query is rounded too, to 8 bits, so that all sums are
// integers; a rounded vector is at most 1 + ‖x − x̂‖ long.
func (s *Scan) inFour(q int, coarse []byte, n int) {
	evens, odds, scales := Rounded{s.layout}.coarseParts(coarse, n)
	s.sums[0], s.sums[1] = reuse.Zeros(s.sums[0], n), reuse.Zeros(s.sums[1], n)
	f := &s.four[q]
	if len(f.even) > 0 {
		simd.DotNibbles(f.even, evens, s.sums[0])
	}
	if len(f.odd) > 0 {
		simd.DotNibbles(f.odd, odds, s.sums[1])
	}
	s.left = s.left[:0]
	least := s.least(q)
	for i, e := range s.sums[0] {
		scale := f.unit * scales.unit(i)
		cos := scale * float32(e-f.sums[0]+max(s.sums[1][i]-f.sums[1], f.sums[1]-s.sums[1][i]))
		if cos+scales.off(i)+(1+scales.residual(i))*f.uncertain+slack >= least {
			s.left = append(s.left, uint16(i))
		}
	}
}

// inEight finds those of them that 8 bits leave in question, with the most that their cosines may be.
//
// The query stays as it is, so that rounding errs on one side alone. What float32 adds, to sums of at most `stride`
// products in whatever order, is at most stride·2⁻²⁴ each.
func (s *Scan) inEight(q int, codes []byte, n int) {
	evens, odds, scales := Rounded{s.layout}.parts(codes, n)
	x, even := s.queries[q*s.stride:(q+1)*s.stride], wholeChunks(s.split)
	s.even, s.odd = reuse.Zeros(s.even, len(s.left)), reuse.Zeros(s.odd, len(s.left))
	if even > 0 {
		simd.DotBytes(s.left, x[:even], evens, s.even)
	}
	if even < s.stride {
		simd.DotBytes(s.left, x[even:], odds, s.odd)
	}
	rounding := slack + float32(s.stride)/(1<<23)
	s.near = s.near[:0]
	least := s.least(q)
	for k, i := range s.left {
		unit := scales.unit(int(i))
		most := s.even[k]*unit + max(s.odd[k], -s.odd[k])*unit + scales.off(int(i)) + rounding
		if most >= least {
			s.near = append(s.near, Neighbour{Index: int(i), Cosine: most})
		}
	}
	slices.SortFunc(s.near, byCosine)
}

// decide computes the cosines of those that are near in float32, the most promising first, until the others can no
// longer be among the nearest.
func (s *Scan) decide(q int, halves []byte, first int) {
	x := s.queries[q*s.stride : (q+1)*s.stride]
	for _, near := range s.near {
		if near.Cosine < s.least(q) {
			return
		}
		half.Decode(s.x, halves[near.Index*s.dim*half.Size:])
		s.place(s.placed, s.x)
		s.offer(q, s.nearest(x, s.placed, first+near.Index))
	}
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
