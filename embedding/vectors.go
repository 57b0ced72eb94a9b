package embedding

import (
	"context"
	"iter"
	"slices"
	"strconv"
)

// Vectors is a Set of rows in memory.
type Vectors struct {
	Rows      [][]float32 // of Width values each
	Width     int
	EvenWidth int      // the leading values that a flip keeps, −1 if the embedding of a flip cannot be told
	IDs       []string // of the rows; nil for their numbers
}

func (v Vectors) Len() int  { return len(v.Rows) }
func (v Vectors) Dim() int  { return v.Width }
func (v Vectors) Even() int { return v.EvenWidth }

func (v Vectors) ID(i int) (string, error) {
	if v.IDs == nil {
		return strconv.Itoa(i), nil
	}
	return v.IDs[i], nil
}

func (v Vectors) Pick(rows []int) Set {
	p := Vectors{Width: v.Width, EvenWidth: v.EvenWidth, IDs: []string{}}
	for _, r := range rows {
		id, _ := v.ID(r) // it cannot fail
		p.Rows, p.IDs = append(p.Rows, v.Rows[r]), append(p.IDs, id)
	}
	return p
}

func (v Vectors) Blocks(ctx context.Context, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		for rows := range slices.Chunk(v.Rows, n) {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(slices.Concat(rows...), nil) {
				return
			}
		}
	}
}
