package embedding

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Set is the embeddings of items, in order.
type Set interface {
	// Len is the number of rows, one an item.
	Len() int
	// Dim is the number of values of a row.
	Dim() int
	// Even is the number of leading values that a flip keeps, the others being
	// negated. It is -1 if the embedding of a flip cannot be told.
	Even() int
	// ID is the name of what row i is an embedding of, as its source has it: a path inside
	// a folder, FILE#INDEX, or a number. It panics if i is out of range; an error is that of
	// reading it.
	ID(i int) (string, error)
	// Pick is the rows with these numbers, in this order. It panics if one is out
	// of range.
	Pick(rows []int) Set
	// Blocks yields the rows, n after each other at a time and the rest at the
	// end. A block is valid until the next one is yielded, and may be written to.
	// After an error, which a nil block comes with, it ends.
	Blocks(ctx context.Context, n int) iter.Seq2[[]float32, error]
}

// Block is the number of rows that are made at a time: what is lost when work stops, and enough to
// keep all workers busy.
const Block = 192

// blockValues is how many values a block is to have at most.
const blockValues = 16 << 20

// BlockRows is n rows of dim values, or as many as there is room for in a block.
func BlockRows(n, dim int) int { return max(1, min(n, blockValues/max(1, dim))) }

// Join puts sets of the same items side by side, each times the square root of
// its share of the weights: the cosine of two rows is the weighted mean of the
// sets' cosines. Flips can be told if they can be in every set. Items with other ids are an
// error, and so is an id that cannot be read. Files of before there were ids go with any.
func Join(weights []float64, sets ...Set) (Set, error) {
	if len(sets) == 0 || len(weights) != len(sets) {
		return nil, fmt.Errorf("embedding: join: %s and %s: want one of each at least, and as many", plural.Of(len(sets), "set"), plural.Of(len(weights), "weight"))
	}
	var sum float64
	for i, s := range sets {
		if !(weights[i] > 0) || math.IsInf(weights[i], 1) {
			return nil, fmt.Errorf("embedding: join: weight %d is %g: want a positive number", i, weights[i])
		}
		if s.Len() != sets[0].Len() {
			return nil, fmt.Errorf("embedding: join: set %d has %s, the first one %d", i, plural.Of(s.Len(), "row"), sets[0].Len())
		}
		sum += weights[i]
	}
	if len(sets) == 1 {
		return sets[0], nil
	}
	if err := sameItems(sets); err != nil {
		return nil, fmt.Errorf("embedding: join: %w", err)
	}
	j := &joined{sets: sets}
	for i, s := range sets {
		j.scales = append(j.scales, float32(math.Sqrt(weights[i]/sum)))
		j.dim += s.Dim()
		if s.Even() < 0 || j.even < 0 {
			j.even = -1
		} else {
			j.even += s.Even()
		}
	}
	return j, nil
}

// sameItems reports two sets, of as many rows, that are of different items.
func sameItems(sets []Set) error {
	first := -1 // the first set that has ids
	for i, s := range sets {
		if f, ok := s.(*File); ok && !f.h.named() {
			continue
		}
		if first < 0 {
			first = i
			continue
		}
		for row := range s.Len() {
			want, err := sets[first].ID(row)
			if err != nil {
				return err
			}
			switch id, err := s.ID(row); {
			case err != nil:
				return err
			case id != want:
				return fmt.Errorf("row %d of set %d is of %q, that of set %d of %q: want sets of the same items, in the same order", row, i, id, first, want)
			}
		}
	}
	return nil
}

type joined struct {
	sets      []Set
	scales    []float32
	dim, even int
}

func (j *joined) Len() int  { return j.sets[0].Len() }
func (j *joined) Dim() int  { return j.dim }
func (j *joined) Even() int { return j.even }

func (j *joined) ID(i int) (string, error) { return j.sets[0].ID(i) }

func (j *joined) Pick(rows []int) Set {
	p := *j
	p.sets = make([]Set, len(j.sets))
	for i, s := range j.sets {
		p.sets[i] = s.Pick(rows)
	}
	return &p
}

func (j *joined) Blocks(ctx context.Context, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		next := make([]func() ([]float32, error, bool), len(j.sets))
		for i, s := range j.sets {
			pull, stop := iter.Pull2(s.Blocks(ctx, n))
			defer stop()
			next[i] = pull
		}
		block := make([]float32, min(n, j.Len())*j.dim)
		for first := 0; first < j.Len(); first += n {
			rows := min(n, j.Len()-first)
			even, odd := 0, max(j.even, 0) // where the next set's values go in a row
			for i, s := range j.sets {
				part, err, _ := next[i]()
				if err == nil && len(part) != rows*s.Dim() {
					err = fmt.Errorf("embedding: set %d has %s in a block of %s of %d", i, plural.Of(len(part), "value"), plural.Of(rows, "row"), s.Dim())
				}
				if err != nil {
					yield(nil, err)
					return
				}
				split := s.Dim()
				if j.even >= 0 {
					split = s.Even()
				}
				parallel.For(rows, func(_, r int) {
					from, to := part[r*s.Dim():(r+1)*s.Dim()], block[r*j.dim:(r+1)*j.dim]
					scale(to[even:], from[:split], j.scales[i])
					scale(to[odd:], from[split:], j.scales[i])
				})
				even, odd = even+split, odd+s.Dim()-split
			}
			if !yield(block[:rows*j.dim], nil) {
				return
			}
		}
	}
}

// Apart are the values that a row of joined sets has of each of them, times what Join scales these by: the product of the row with one that
// Join makes is the sum of the products of these with the sets' own.
func Apart(row []float32, weights []float64, sets ...Set) ([][]float32, error) {
	s, err := Join(weights, sets...)
	if err != nil {
		return nil, err
	}
	if s.Dim() != len(row) {
		return nil, fmt.Errorf("embedding: apart: a row of %s, and sets of %d in all", plural.Of(len(row), "value"), s.Dim())
	}
	j, is := s.(*joined)
	if !is { // one set
		return [][]float32{row}, nil
	}
	parts, even, odd := make([][]float32, len(sets)), 0, max(j.even, 0)
	for i, s := range sets {
		split := s.Dim()
		if j.even >= 0 {
			split = s.Even()
		}
		parts[i] = make([]float32, s.Dim())
		scale(parts[i], row[even:even+split], j.scales[i])
		scale(parts[i][split:], row[odd:odd+s.Dim()-split], j.scales[i])
		even, odd = even+split, odd+s.Dim()-split
	}
	return parts, nil
}

func scale(to, from []float32, by float32) {
	to = to[:len(from)]
	for i, v := range from {
		to[i] = by * v
	}
}
