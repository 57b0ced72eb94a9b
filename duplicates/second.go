package duplicates

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/knn"
)

// leastAgreement is the least that Second takes for a copy. On sets it was chosen on, hands before one
// ground and clothing on one floor came to 0.85.
const leastAgreement = 0.86

// Second is a second look, at the pictures of near items.
type Second struct {
	// Agreement is the correlation from which on pictures are of one. It is 0 where none sets any apart from chance.
	Agreement float64
	pairs     map[pair]float64 // those that reach it
}

// pair are two items, the lesser first.
type pair struct{ a, b int }

func pairOf(a, b int) pair { return pair{min(a, b), max(a, b)} }

// agreement is that of two items, 0 where it is not enough. It is of a nil Second, too.
func (s *Second) agreement(a, b int) float64 {
	if s == nil {
		return 0
	}
	return s.pairs[pairOf(a, b)]
}

// Look compares the pictures of each item and its neighbours in a graph, and chooses from which agreement on they are copies.
// picture gives the gray picture of an item, Side × Side bytes, row-major, from many goroutines. threshold is that
// of margins, 0 for none. It holds Memory bytes. report is told of how many items the pictures are compared.
func Look(ctx context.Context, g *graph.Graph, threshold float64, picture func(item int) ([]byte, error), report func(stage string, done, total int)) (*Second, error) {
	agreements, err := compared(ctx, g, picture, report)
	if err != nil {
		return nil, fmt.Errorf("duplicates: %w", err)
	}
	usual := usual(g)
	var all []look
	for i := range g.Len() {
		near, own := g.Near(i), agreements[i]
		if len(near) < lastRank {
			return &Second{}, nil
		}
		l := make([]neighbour, len(near))
		for r, n := range near {
			l[r] = neighbour{usual.margin(i, n.Index, float64(n.Cosine)), own[r]}
		}
		all = append(all, newLook(l, threshold))
	}
	s := &Second{pairs: map[pair]float64{}}
	if s.Agreement = enough(all); s.Agreement == 0 {
		return s, nil
	}
	for i := range g.Len() {
		for r, n := range g.Near(i) {
			if a := agreements[i][r]; a >= s.Agreement {
				s.pairs[pairOf(i, n.Index)] = a
			}
		}
	}
	return s, nil
}

// neighbour is what there is of an item and one near to it.
type neighbour struct{ margin, agreement float64 }

// look is an item of the second look.
type look struct {
	named   bool    // whether a margin reaches the threshold
	crowded bool    // whether those of firstRank neighbours do: then the others may be copies too
	most    float64 // the largest agreement
	chance  float64 // the largest with the neighbours of firstRank to lastRank by margin, which are taken for no copies
}

func newLook(near []neighbour, threshold float64) (l look) {
	slices.SortStableFunc(near, func(a, b neighbour) int { return cmp.Compare(b.margin, a.margin) })
	reaches := func(n neighbour) bool { return threshold > 0 && n.margin >= threshold }
	l.named, l.crowded = reaches(near[0]), reaches(near[firstRank-1])
	for r, n := range near {
		l.most = max(l.most, n.agreement)
		if r+1 >= firstRank {
			l.chance = max(l.chance, n.agreement)
		}
	}
	return l
}

// enough is the least agreement of leastAgreement or more at which chance makes up no more than falseShare of the items that margins
// do not name. It is 0 where there is none.
func enough(all []look) float64 {
	var chance, most []float64 // of items that may tell, and of those that are not named
	for _, l := range all {
		if !l.crowded {
			chance = append(chance, l.chance)
		}
		if !l.named {
			most = append(most, l.most)
		}
	}
	slices.Sort(chance)
	slices.Sort(most)
	for i, t := range most {
		if t < leastAgreement || i > 0 && t == most[i-1] {
			continue
		}
		below, _ := slices.BinarySearch(chance, t)
		share := float64(1+len(chance)-below) / float64(len(chance)) // the 1 is for t itself, which was chosen
		if share*float64(len(most)) <= falseShare*float64(len(most)-i) {
			return t
		}
	}
	return 0
}

// Memory is what Look holds of so many items, in bytes: pictures and their details, and agreements.
func Memory(items int) float64 { return float64(items) * (Side*Side + 2*Side*Side + 1200) }

// fixed is a detail of the whole picture, in steps of a 64th of a level of gray, to be kept.
type fixed []int16

const steps64 = 64

func newFixed(d detail) fixed {
	f := make(fixed, len(d.values))
	for i, v := range d.values {
		f[i] = int16(math.Round(float64(v) * steps64))
	}
	return f
}

func (f fixed) detail() detail {
	d := detail{Side, make([]float32, len(f))}
	for i, v := range f {
		d.values[i] = float32(v) / steps64
	}
	return d
}

// together is how many items are compared before it is said how many have been.
const together = 256

// compared are the agreements of each item with its neighbours: as a crop of the neighbour or, if that is more, the other way round.
func compared(ctx context.Context, g *graph.Graph, picture func(item int) ([]byte, error), report func(stage string, done, total int)) ([][]float64, error) {
	n := g.Len()
	pictures, details := make([][]byte, n), make([]fixed, n)
	err := parallel.ForErr(ctx, n, func(_, i int) (err error) {
		pictures[i], err = picture(i)
		if err == nil && len(pictures[i]) != Side*Side {
			err = fmt.Errorf("the picture of item %d has %s: want %d × %d", i, plural.Of(len(pictures[i]), "byte"), Side, Side)
		}
		if err == nil {
			details[i] = newFixed(scales[0].of(pictures[i]))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	around := make([][]knn.Neighbour, n) // the neighbours of each item, and those that it is one of
	for i := range n {
		for _, v := range g.Near(i) {
			around[i] = append(around[i], v)
			around[v.Index] = append(around[v.Index], knn.Neighbour{Index: i, Flip: v.Flip})
		}
	}
	asCrop := make([]map[int]float64, n) // of each item, with those around it
	compare := func(i int) error {
		asCrop[i] = make(map[int]float64, len(around[i]))
		own := crops(pictures[i])
		for _, v := range around[i] {
			if _, done := asCrop[i][v.Index]; done {
				continue
			}
			other := details[v.Index].detail()
			if v.Flip {
				other = other.flipped()
			}
			asCrop[i][v.Index] = newWhole(other).agreement(own, leastAgreement)
		}
		return ctx.Err()
	}
	for first := 0; first < n; first += together {
		report("comparing pictures", first, n)
		if err := parallel.ForErr(ctx, min(together, n-first), func(_, k int) error { return compare(first + k) }); err != nil {
			return nil, err
		}
	}
	report("comparing pictures", n, n)
	all := make([][]float64, n)
	for i := range all {
		for _, v := range g.Near(i) {
			all[i] = append(all[i], max(asCrop[i][v.Index], asCrop[v.Index][i]))
		}
	}
	return all, nil
}
