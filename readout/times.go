package readout

import (
	"context"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// times writes K·x to y. Both are n × columns. A tile is decoded twice, once for each of its places, so that a row of y is
// summed by one worker, in one order.
func (k *kernel) times(ctx context.Context, y, x linalg.Matrix) error {
	type scratch struct{ tile, kept []float32 }
	work := make([]scratch, parallel.Workers(len(k.tiles)))
	return parallel.ForErr(ctx, len(k.tiles), func(w, row int) error {
		if work[w].tile == nil {
			work[w].tile, work[w].kept = make([]float32, side*side), make([]float32, side*side)
		}
		tile := linalg.Wrap(side, side, work[w].tile)
		out := k.part(y, row)
		for i := range out.Rows {
			clear(out.Row(i))
		}
		for column := range k.tiles {
			in := k.part(x, column)
			lower, at := max(row, column), min(row, column)
			decode(tile.Data, work[w].kept, k.tiles[lower][at], k.cut > 0)
			t := tile
			if column > row {
				t = t.T()
			}
			linalg.AddMulSerial(out, t.Block(0, out.Rows, 0, in.Rows), in)
		}
		return nil
	})
}

// part is the rows of x that a tile has.
func (k *kernel) part(x linalg.Matrix, tile int) linalg.Matrix {
	return x.Block(tile*side, min(k.n, (tile+1)*side), 0, x.Cols)
}
