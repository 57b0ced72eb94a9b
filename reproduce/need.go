package reproduce

import (
	"fmt"
	"strings"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/estimate"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/readout"
)

// fits says what would fit if rows need more memory than there is.
func (r *runner) fits(rows []row) error {
	have := memory.Available().Bytes
	if have == 0 {
		return nil // the system does not tell
	}
	var sources []dataset.Source // all are open as long as it runs
	for _, im := range r.images {
		sources = append(sources, im.train, im.test)
	}
	resident := memory.Held(float64(dataset.Resident(sources...)))
	var large, fitting []string
	for _, w := range rows {
		im := r.images[w.data]
		shape, train := im.train.Shape(), im.train.Len()
		most := w.judgingMemory(shape, train, im.test.Len(), len(im.train.Classes()))
		for _, m := range w.members {
			most = max(most, estimate.Fit(m.Config, estimate.Images{Shape: shape, Len: train}))
		}
		if most += resident; most > have {
			large = append(large, fmt.Sprintf("%s, which takes about %s", w.name, gib(most)))
		} else {
			fitting = append(fitting, w.name)
		}
	}
	if large == nil {
		return nil
	}
	would := "none of the others would"
	if fitting != nil {
		would = "these do fit: " + strings.Join(fitting, " ")
	}
	return fmt.Errorf("reproduce: %s of memory are available, and these rows do not fit: %s; %s", gib(have), strings.Join(large, "; "), would)
}

// judgingMemory estimates the bytes that judging the row takes: the models' own components and the
// neighbours by them, their readout, the neighbours of whitened embeddings, those of all values with hubs corrected,
// which take more than without, and the probe, with the bank's components at hand.
func (w row) judgingMemory(s dataset.Shape, train, test, classes int) int64 {
	size := judge.Size{Models: len(w.members), Bank: train, Test: test, Flips: true}
	own := size
	var learning, learned float64
	for _, m := range w.members {
		size.Flips = size.Flips && m.Config.Flips
		size.Dim += m.Config.Dim(s)
	}
	for _, m := range w.members {
		n, _ := m.short.ComponentsOf(s, train)
		finding, held := judge.Size{Dim: m.Config.Dim(s), Models: 1, Bank: train, Flips: size.Flips}.Components(n)
		learning, learned = max(learning, learned+finding), learned+held
		own.Dim += n
	}
	own.Long, own.Flips = size.Dim, size.Flips
	values := whitenedTo(train, size.Dim)
	paper := judge.Paper(size.Flips)
	white, corrected := paper, paper
	white.Components, corrected.Hubs = values, hubSample
	_, components := size.Components(values)
	held := half.Size * float64(own.Dim) * float64(train+test)
	reading := readout.Memory(readout.Chosen, train, train, own.Dim, classes)
	return max(
		memory.Estimate(learning),
		memory.Estimate(own.Evaluate(paper))+memory.Held(learned),
		memory.Estimate(max(reading, own.Evaluate(paper)))+memory.Held(learned+held),
		memory.Estimate(size.Evaluate(white)),
		memory.Estimate(size.Evaluate(corrected))+memory.Held(components),
		memory.Estimate(size.Probe(values, classes)),
	)
}
