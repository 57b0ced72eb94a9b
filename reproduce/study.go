package reproduce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
)

// study is a row of other kinds than images: what smt learns from some data, beside what peers
// learn from the same data in the same run.
type study struct {
	name string
	run  func(ctx context.Context, r *runner) (Study, error)
}

// studies are those there are.
func studies() []study {
	return []study{{"words", runWords}, {"vectors", runVectors}, {"atoms", runAtoms}, {"video-shapes", runShapes}, {"video-footage", runFootage}}
}

// Study is what came out of one.
type Study interface {
	// Text writes tables with tabs between columns.
	Text(w io.Writer)
}

// apart tells the names of studies from those of rows.
func apart(names []string) (rows []string, of []study) {
	for _, s := range studies() {
		if slices.Contains(names, s.name) {
			of = append(of, s)
		}
	}
	for _, n := range names {
		if !slices.ContainsFunc(studies(), func(s study) bool { return s.name == n }) {
			rows = append(rows, n)
		}
	}
	return rows, of
}

// study runs a study.
func (r *runner) study(ctx context.Context, s study) (result Study, err error) {
	if err := r.openLog(row{name: s.name}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			r.write("stopped: " + err.Error())
			err = fmt.Errorf("row %s: %w", s.name, err)
		}
		err = errors.Join(err, r.closeLog())
	}()
	r.say("%s", s.name)
	return s.run(ctx, r)
}

// folder is that of a study.
func (r *runner) folder(s string) string { return filepath.Join(r.opt.Out, s) }

// quickStudy stands where results of a quick run of a study do.
const quickStudy = "Quick results, of little data: they show that everything runs, and nothing of the method."
