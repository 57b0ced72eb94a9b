package reproduce

import (
	"math"
	"path/filepath"
	"slices"
)

// Result is what came out for a row: the element of results.json, and metrics.json.
// Accuracies are fractions of the test images, null where there is none. Of several
// seeds they are means, and Seconds is the time of one.
type Result struct {
	Row   string   `json:"row"`
	Paper *float64 `json:"paper"` // the paper's top-1
	Goal  *float64 `json:"goal"`

	Top1  float64 `json:"top1"` // of nearest neighbours, by the paper's protocol
	Top5  float64 `json:"top5"`
	Probe float64 `json:"probe"` // top-1 of a linear classifier of whitened embeddings
	// Package readout on the models' own components, with all labels; null in results of a version that did not ask.
	ReadoutTop1 *float64 `json:"readout_top1"`
	// The vote on the models' own components; null in results of a version that had none.
	ComponentsTop1 *float64 `json:"components_top1"`
	// The paper's vote on whitened embeddings, shorter ones; null in results of a
	// version that did not whiten.
	WhitenedTop1 *float64 `json:"whitened_top1"`
	// The protocol with hubs corrected, which is not the paper's.
	CorrectedTop1 float64 `json:"corrected_top1"`
	CorrectedTop5 float64 `json:"corrected_top5"`
	// Of CIFAR-100's 20 coarse classes, by the paper's protocol and corrected.
	CoarseTop1          *float64 `json:"coarse_top1,omitempty"`
	CorrectedCoarseTop1 *float64 `json:"corrected_coarse_top1,omitempty"`
	// Deviation is the standard deviation of Top1 over seeds.
	Deviation *float64 `json:"deviation,omitempty"`

	Seconds  float64 `json:"seconds"` // to fit, embed and judge, of all members, shared ones too
	Peak     int64   `json:"peak_rss_bytes"`
	Seed     uint64  `json:"seed"` // the first
	Revision string  `json:"revision"`

	Machine Machine     `json:"machine"`
	Quick   bool        `json:"quick"` // at a reduced size: says nothing of the method
	Judged  []Judgement `json:"judgements"`
	Work    string      `json:"work"` // digest of all that the numbers depend on
}

// done reports whether all was judged that this version asks for.
func (m *Result) done() bool {
	return !slices.ContainsFunc(m.Judged, func(j Judgement) bool { return !j.done() })
}

// result sums up the judgements of a row.
func (w row) result(judged []Judgement) *Result {
	n := float64(len(judged))
	each := func(of func(j *Judgement) float64) float64 {
		var sum float64
		for i := range judged {
			sum += of(&judged[i])
		}
		return sum / n
	}
	// ifAny is the mean over seeds of what may not be there.
	ifAny := func(of func(j *Judgement) *float64) *float64 {
		for i := range judged {
			if of(&judged[i]) == nil {
				return nil
			}
		}
		return pointer(each(func(j *Judgement) float64 { return *of(j) }))
	}
	m := &Result{
		Row: w.name, Paper: positive(w.paper), Goal: positive(w.goal),
		Top1:                each(func(j *Judgement) float64 { return j.KNN.Top1 }),
		Top5:                each(func(j *Judgement) float64 { return j.KNN.Top5 }),
		ReadoutTop1:         ifAny((*Judgement).ofAllLabels),
		ComponentsTop1:      ifAny(func(j *Judgement) *float64 { return &j.Components.Top1 }),
		WhitenedTop1:        ifAny(func(j *Judgement) *float64 { return &j.Whitened.Top1 }),
		CorrectedTop1:       each(func(j *Judgement) float64 { return j.Corrected.Top1 }),
		CorrectedTop5:       each(func(j *Judgement) float64 { return j.Corrected.Top5 }),
		CoarseTop1:          ifAny(func(j *Judgement) *float64 { return j.KNN.Coarse }),
		CorrectedCoarseTop1: ifAny(func(j *Judgement) *float64 { return j.Corrected.Coarse }),
		Probe:               each(func(j *Judgement) float64 { return j.Probe.Top1 }),
		Seconds:             each(func(j *Judgement) float64 { return j.cost().Seconds }),
		Seed:                judged[0].Seed,
		Judged:              judged,
	}
	for i := range judged {
		m.Peak = max(m.Peak, judged[i].cost().Peak)
	}
	if n > 1 {
		var top1 []float64
		for i := range judged {
			top1 = append(top1, judged[i].KNN.Top1)
		}
		m.Deviation = pointer(deviation(top1))
	}
	return m
}

// deviation is the standard deviation of two values or more, as of a sample.
func deviation(x []float64) float64 {
	var squares float64
	m, n := mean(x), float64(len(x))
	for _, v := range x {
		squares += (v - m) * (v - m)
	}
	return math.Sqrt(squares / (n - 1))
}

func pointer(v float64) *float64 { return &v }

// positive is v, or nil for 0.
func positive(v float64) *float64 {
	if v == 0 {
		return nil
	}
	return &v
}

// Report is the results of all rows that are done in a folder, in the order of the
// table.
type Report struct {
	Out     string   `json:"out"`
	Results []Result `json:"results"`
	Studies []Study  `json:"studies,omitempty"` // of this run
}

// collect reads the results of all rows that are done and writes results.json and
// results.md.
func (r *runner) collect() (*Report, error) {
	p := &Report{Out: r.opt.Out, Results: []Result{}}
	for _, w := range r.all {
		var m Result
		if found, err := readJSON(r.metricsPath(w), &m); err != nil {
			return nil, err
		} else if found {
			p.Results = append(p.Results, m)
		}
	}
	if err := writeJSON(filepath.Join(r.opt.Out, "results.json"), p.Results); err != nil {
		return nil, err
	}
	return p, writeFile(filepath.Join(r.opt.Out, "results.md"), []byte(p.Markdown()))
}
