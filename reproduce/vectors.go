package reproduce

import (
	"context"
	"io"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/reproduce/shapes"
	"github.com/sparse-manifold/smt/vectors"
)

// Vectors is what came out of points.
type Vectors struct {
	Head
	Sets []shapes.Set `json:"sets"`
}

// Text writes the tables.
func (m *Vectors) Text(w io.Writer) { shapes.Text(w, m.Sets) }

// pointResults changes when the same configuration and points lead to other numbers than before, as results does.
const pointResults = 2 // a fit chooses how many smooth coordinates there are

// shapesRun is shapes.Run, another in tests.
var shapesRun = shapes.Run

// runVectors has smt and peers embed the same points.
func runVectors(ctx context.Context, r *runner) (Study, error) {
	m := &Vectors{Head: Head{Row: "vectors", Quick: r.opt.Quick, Work: digest(results, pointResults, smt.Version, vectors.Default(), r.opt.Quick)}}
	return r.keep(m, new(Vectors), func() (err error) {
		m.Sets, m.Peers, err = shapesRun(ctx, r.opt.Quick, func(format string, args ...any) { r.say("vectors: "+format, args...) })
		return err
	})
}
