package reproduce

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/reproduce/shapes"
	"github.com/sparse-manifold/smt/vectors"
)

// Vectors is what came out of points: metrics.json of the folder vectors.
type Vectors struct {
	Row string `json:"row"`
	*shapes.Result

	Machine  Machine `json:"machine"`
	Revision string  `json:"revision"`
	Work     string  `json:"work"` // digest of all that the numbers depend on
}

// Text writes the tables.
func (v *Vectors) Text(w io.Writer) {
	if v.Quick {
		fmt.Fprintln(w, quickStudy)
	}
	v.Result.Text(w)
}

// shapesRun is shapes.Run, another in tests.
var shapesRun = shapes.Run

// runVectors has smt and peers embed the same points, unless that is done.
func runVectors(ctx context.Context, r *runner) (Study, error) {
	file := filepath.Join(r.folder("vectors"), "metrics.json")
	v := &Vectors{Row: "vectors", Work: digest(results, smt.Version, vectors.Default(), r.opt.Quick)}
	var kept Vectors
	if found, err := readJSON(file, &kept); err != nil {
		return nil, err
	} else if found && kept.Work == v.Work && kept.Result != nil {
		r.say("vectors is done: remove %s to measure it again", file)
		return &kept, nil
	}
	// Not by internal/output: a temporary folder of our own, which is removed.
	dir, err := os.MkdirTemp("", "smt-reproduce-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var log bytes.Buffer
	if v.Result, err = shapesRun(ctx, dir, r.opt.Quick, &log, func(format string, args ...any) { r.say("vectors: "+format, args...) }); err != nil {
		return nil, err
	}
	v.Revision, v.Machine = builtFrom(), thisMachine()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, fmt.Errorf("reproduce: %w", err)
	}
	return v, writeJSON(file, v)
}
