package reproduce

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sparse-manifold/smt/internal/output"
)

// Options say which rows are run, on what, and where results go.
type Options struct {
	Rows  []string // and studies; none is all rows
	Data  string   // the folder that holds mnist, cifar-10-batches-bin and cifar-100-binary
	Out   string   // the folder of results
	Quick bool     // every row at a size that takes seconds
	Seed  uint64   // the first one

	// Progress, if not nil, is told how far a stage has come, Note what is being
	// done and what has come out.
	Progress func(stage string, done, total int)
	Note     func(line string)
}

// Run runs the rows that are not done and returns the results of all that are done
// in the folder of results. If ctx is cancelled it stops soon, and the same call
// goes on.
func Run(ctx context.Context, opt Options) (*Report, error) { return run(ctx, opt, table()) }

type runner struct {
	opt     Options
	all     []row
	images  map[*data]*images
	waiting map[string]int // embeddings, and for how many judgements they are still needed
	log     *os.File       // of the row that is run
	began   time.Time      // of the stage
	stage   string
}

func run(ctx context.Context, opt Options, all []row) (_ *Report, err error) {
	r := &runner{opt: opt, all: slices.Clone(all), images: map[*data]*images{}, waiting: map[string]int{}}
	if opt.Quick {
		for i, w := range r.all {
			r.all[i] = w.quickened()
		}
	}
	names, studies := apart(opt.Rows)
	rows, err := named(r.all, names)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 && len(studies) > 0 {
		rows = nil
	}
	unlock, err := r.claim()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock(), r.closeImages()) }()
	for _, w := range rows {
		if err := r.open(ctx, w.data); err != nil {
			return nil, err
		}
	}
	open, err := r.unfinished(rows)
	if err != nil {
		return nil, err
	}
	if err := r.fits(open); err != nil {
		return nil, err
	}
	if err := r.rows(ctx, open); err != nil {
		return nil, err
	}
	// What a run left that was ended before it tidied up.
	for _, w := range rows {
		for _, j := range r.jobs(w) {
			if err := r.dropEmbeddings(j); err != nil {
				return nil, err
			}
		}
	}
	var done []Study
	for _, s := range studies {
		result, err := r.study(ctx, s)
		if err != nil {
			return nil, err
		}
		done = append(done, result)
	}
	p, err := r.collect()
	if err != nil {
		return nil, err
	}
	p.Studies = done
	return p, nil
}

// rows runs rows, each as far as it is not done.
func (r *runner) rows(ctx context.Context, rows []row) error {
	for _, w := range rows {
		for _, j := range r.jobs(w) {
			r.waiting[j.key]++
		}
	}
	for _, w := range rows {
		if err := r.row(ctx, w); err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("row %s: %w; the same command goes on", w.name, err)
			}
			return fmt.Errorf("row %s: %w", w.name, err)
		}
		if _, err := r.collect(); err != nil {
			return err
		}
	}
	return nil
}

// claim makes the folder of results this run's: full and quick results are kept
// apart, and two runs at once out of each other's way.
func (r *runner) claim() (unlock func() error, err error) {
	if !exists(r.aboutPath()) { // it is made after what is named here, and before anything else
		ours := []string{"models", "embeddings", "lock", filepath.Base(r.aboutPath())}
		err := output.Only(r.opt.Out, "reproduce", func(name string) bool { return slices.Contains(ours, name) })
		if err != nil {
			return nil, fmt.Errorf("reproduce: %w", err)
		}
	}
	for _, d := range []string{"models", "embeddings"} {
		if err := os.MkdirAll(filepath.Join(r.opt.Out, d), 0o755); err != nil {
			return nil, fmt.Errorf("reproduce: %w", err)
		}
	}
	unlock, err = output.Lock(filepath.Join(r.opt.Out, "lock"))
	if err != nil {
		return nil, fmt.Errorf("reproduce: %s: %w", r.opt.Out, err)
	}
	type about struct {
		Quick bool `json:"quick"`
	}
	path := r.aboutPath()
	var a about
	found, err := readJSON(path, &a)
	switch {
	case err == nil && !found:
		err = writeJSON(path, about{r.opt.Quick})
	case err == nil && a.Quick != r.opt.Quick:
		kind := map[bool]string{false: "full", true: "quick"}
		err = fmt.Errorf("reproduce: %s holds %s results, and these are to be %s ones: want another folder", r.opt.Out, kind[a.Quick], kind[r.opt.Quick])
	}
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	return unlock, nil
}

// aboutPath is of the file by which a folder of results is known.
func (r *runner) aboutPath() string { return filepath.Join(r.opt.Out, "about.json") }

func (r *runner) open(ctx context.Context, d *data) error {
	if r.images[d] != nil {
		return nil
	}
	im, err := d.open(ctx, r.opt.Data, r.opt.Quick)
	if err != nil {
		return err
	}
	r.images[d] = im
	return nil
}

func (r *runner) closeImages() error {
	var errs []error
	for _, im := range r.images {
		errs = append(errs, im.set.Close())
	}
	return errors.Join(errs...)
}

// unfinished are those of the rows that have no metrics of the same work, or not all of them while all embeddings are there.
func (r *runner) unfinished(rows []row) ([]row, error) {
	var open []row
	for _, w := range rows {
		var m Result
		found, err := readJSON(r.metricsPath(w), &m)
		if err != nil {
			return nil, err
		}
		switch {
		case !found:
			open = append(open, w)
		case m.Work != r.work(w):
			r.say("%s was run with another configuration, seed, version or data: it is run again", w.name)
			open = append(open, w)
		case !m.done() && r.allEmbedded(w):
			r.say("%s was judged by a version that asked less: what is missing is judged on the embeddings that are there", w.name)
			open = append(open, w)
		default:
			r.say("%s is done: remove %s to judge it again", w.name, r.metricsPath(w))
		}
	}
	return open, nil
}

// allEmbedded reports whether the models of a row and their embeddings are all there.
func (r *runner) allEmbedded(w row) bool {
	return !slices.ContainsFunc(r.jobs(w), func(j job) bool {
		_, done := r.embedded(j)
		return !done || !exists(r.modelPath(j))
	})
}
