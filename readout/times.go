package readout

import (
	"context"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// times writes K·x to y. Both are n × columns. A tile is decoded twice, once for each of its places, so that a row of y is
// summed by one worker, in one order. As it is, a tile is the left side of a product. Above the diagonal it is transposed, and its product is
// taken from that of xᵀ and the tile as it is: rows of both then lie side by side in memory.
func (k *kernel) times(ctx context.Context, y, x linalg.Matrix) error {
	type scratch struct {
		tile, kept []float32
		across     linalg.Matrix // columns × side: what transposed tiles add
	}
	work := make([]scratch, parallel.Workers(len(k.tiles)))
	flat := transposed(x)
	return parallel.ForErr(ctx, len(k.tiles), func(w, row int) error {
		s := &work[w]
		if s.tile == nil {
			*s = scratch{make([]float32, side*side), make([]float32, side*side), linalg.New(x.Cols, side)}
		}
		tile := linalg.Wrap(side, side, s.tile)
		out := k.part(y, row)
		for i := range out.Rows {
			clear(out.Row(i))
		}
		clear(s.across.Data)
		for column := range k.tiles {
			in := k.part(x, column)
			lower, at := max(row, column), min(row, column)
			decode(tile.Data, s.kept, k.tiles[lower][at], k.cut > 0)
			if column > row {
				first := column * side
				linalg.AddMulSerial(s.across.Block(0, x.Cols, 0, out.Rows), flat.Block(0, x.Cols, first, first+in.Rows), tile.Block(0, in.Rows, 0, out.Rows))
			} else {
				linalg.AddMulSerial(out, tile.Block(0, out.Rows, 0, in.Rows), in)
			}
		}
		for c := range x.Cols {
			for i, v := range s.across.Row(c)[:out.Rows] {
				out.Row(i)[c] += v
			}
		}
		return nil
	})
}

// transposed is xᵀ, row by row.
func transposed(x linalg.Matrix) linalg.Matrix {
	t := linalg.New(x.Cols, x.Rows)
	rows(x.Rows, func(i int) {
		for c, v := range x.Row(i) {
			t.Row(c)[i] = v
		}
	})
	return t
}

// part is the rows of x that a tile has.
func (k *kernel) part(x linalg.Matrix, tile int) linalg.Matrix {
	return x.Block(tile*side, min(k.n, (tile+1)*side), 0, x.Cols)
}
