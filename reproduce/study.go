package reproduce

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/sparse-manifold/smt/internal/python"
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

// Study is what came out of one: metrics.json of its folder.
type Study interface {
	// Text writes tables with tabs between columns.
	Text(w io.Writer)

	head() *Head
}

// Head is what all studies have.
type Head struct {
	Row     string `json:"row"`
	Peers   string `json:"peers,omitempty"`   // their versions
	Missing string `json:"missing,omitempty"` // why there are none

	Machine  Machine `json:"machine"`
	Revision string  `json:"revision"`
	Quick    bool    `json:"quick"`
	Work     string  `json:"work"` // digest of all that the numbers depend on
}

func (h *Head) head() *Head { return h }

// without takes the failure of peers for their absence and notes why, unless the run was stopped.
func (h *Head) without(ctx context.Context, r *runner, failure error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	h.Missing = failure.Error()
	r.say("%s: no peers: %s", h.Row, h.Missing)
	return nil
}

//go:embed python sfa
var scripts embed.FS

// startPeers makes the environment of a folder of scripts, another in tests.
var startPeers = func(ctx context.Context, folder string) (*python.Peers, error) {
	from, err := fs.Sub(scripts, folder)
	if err != nil {
		return nil, err
	}
	return python.Start(ctx, from)
}

// keep returns what an earlier run kept of the same work, with peers, which it reads to kept. Without, it has
// run fill s, and keeps that.
func (r *runner) keep(s, kept Study, run func() error) (Study, error) {
	h := s.head()
	path := filepath.Join(r.folder(h.Row), "metrics.json")
	if found, err := readJSON(path, kept); err != nil {
		return nil, err
	} else if before := kept.head(); found && before.Work == h.Work && before.Missing == "" {
		r.say("%s is done: remove %s to run it again", h.Row, path)
		return kept, nil
	}
	if err := run(); err != nil {
		return nil, err
	}
	h.Revision, h.Machine = builtFrom(), thisMachine()
	return s, writeJSON(path, s)
}

// studyText writes the tables of a study, and of whom the peers are.
func studyText(w io.Writer, s Study) {
	h := s.head()
	if h.Quick {
		fmt.Fprintln(w, "Quick results, of little data: they show that everything runs, and nothing of the method.")
	}
	s.Text(w)
	if h.Missing != "" {
		fmt.Fprintln(w, "without peers:", h.Missing)
	} else {
		fmt.Fprintln(w, "peers:", h.Peers)
	}
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
