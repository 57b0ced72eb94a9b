package reproduce

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/judge"
)

// jobs are the members of a row for all its seeds, seed by seed.
func (r *runner) jobs(w row) []job {
	var jobs []job
	for s := range w.seeds {
		for _, m := range w.members {
			jobs = append(jobs, newJob(w.data, r.images[w.data], m, r.opt.Seed+uint64(s)))
		}
	}
	return jobs
}

// work is a digest of all that a row's numbers depend on.
func (r *runner) work(w row) string {
	im := r.images[w.data]
	d := digest(results, smt.Version, r.opt.Quick, w.temperature, w.whitened, w.corrected, shortTemperature, judge.Paper(true).K, whitenTo, hubSample, im.train.fingerprint, im.test.fingerprint)
	for _, j := range r.jobs(w) {
		d = digest(d, j.key, j.weight, j.short.Components, j.short.Power)
	}
	return d
}

func (r *runner) metricsPath(w row) string { return filepath.Join(r.opt.Out, w.name, "metrics.json") }
func (r *runner) partialPath(w row) string { return filepath.Join(r.opt.Out, w.name, "partial.json") }

// partial is a row on its way: partial.json.
type partial struct {
	Work   string      `json:"work"`
	Judged []Judgement `json:"judged"`
}

// row runs a row from wherever it is.
func (r *runner) row(ctx context.Context, w row) (err error) {
	if err := r.openLog(w); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			r.write("stopped: " + err.Error())
		}
		err = errors.Join(err, r.closeLog())
	}()
	r.say("%s", w.name)
	p := partial{Work: r.work(w)}
	var kept partial
	if found, err := readJSON(r.partialPath(w), &kept); err != nil {
		return err
	} else if found && kept.Work == p.Work {
		p = kept
	}
	if len(p.Judged) == 0 {
		if p.Judged, err = r.judgedBefore(w, p.Work); err != nil {
			return err
		}
	}
	jobs, members := r.jobs(w), len(w.members)
	for s := range w.seeds {
		if s == len(p.Judged) {
			p.Judged = append(p.Judged, Judgement{Seed: r.opt.Seed + uint64(s)})
		}
		if err := r.judgeSeed(ctx, w, jobs[s*members:(s+1)*members], &p, s); err != nil {
			return err
		}
	}
	m := w.result(p.Judged)
	m.Work, m.Quick, m.Revision, m.Machine = p.Work, r.opt.Quick, builtFrom(), thisMachine()
	if err := writeJSON(r.metricsPath(w), m); err != nil {
		return err
	}
	r.say("%s: top-1 %s in %s", w.name, percent(m.Top1), brief(m.Seconds))
	return remove(r.partialPath(w))
}

// judgedBefore are the judgements of the same work: those of an earlier version, or of another row, which has all of them.
func (r *runner) judgedBefore(w row, work string) ([]Judgement, error) {
	for _, other := range slices.Concat([]row{w}, r.all) {
		var m Result
		found, err := readJSON(r.metricsPath(other), &m)
		switch {
		case err != nil:
			return nil, err
		case !found || m.Work != work:
		case other.name == w.name:
			return m.Judged, nil
		case m.done():
			r.say("%s has the models, images and votes of %s: it was judged with that", w.name, other.name)
			return m.Judged, nil
		}
	}
	return nil, nil
}

// judgeSeed makes judgement number s of a row, that of one of its seeds.
func (r *runner) judgeSeed(ctx context.Context, w row, jobs []job, p *partial, s int) error {
	j := &p.Judged[s]
	if !j.done() {
		j.Members, j.Fitted, j.Embedded = nil, nil, Cost{}
		for _, b := range jobs {
			s, err := r.finish(ctx, b)
			if err != nil {
				return err
			}
			j.Members, j.Embedded = append(j.Members, b.key), j.Embedded.plus(s.Fit).plus(s.Embed)
			if s.Fitted != nil {
				j.Fitted = append(j.Fitted, *s.Fitted)
			}
		}
		if err := r.judge(ctx, w, jobs, j, func() error { return writeJSON(r.partialPath(w), p) }); err != nil {
			return err
		}
	}
	for _, b := range jobs {
		if r.waiting[b.key]--; r.waiting[b.key] == 0 {
			if err := r.dropEmbeddings(b); err != nil {
				return err
			}
		}
	}
	return nil
}
