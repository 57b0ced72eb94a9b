package reproduce

import (
	"fmt"
	"strings"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/probe"
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
			most = max(most, m.Config.FitMemory(shape, train, 0))
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

// judgingMemory estimates the bytes that judging the row takes: the neighbours of
// whitened embeddings, those of all values with hubs corrected, which take more than
// without, and the probe, with the whitening at hand.
func (w row) judgingMemory(s dataset.Shape, train, test, classes int) int64 {
	dim, dims, flips := 0, []int{}, true
	for _, m := range w.members {
		flips = flips && m.Config.Flips
		dims = append(dims, m.Config.Dim(s))
		dim += dims[len(dims)-1]
	}
	values := whitenedTo(train, dim)
	whitening := 4 * float64(values) * float64(dim)
	probing := probe.Memory(train, values, classes) + 4*probeBlock*float64(dim+values)
	return max(
		smt.EvaluateMemory(dims, train, test, smt.Protocol{K: neighbours, Flips: flips, Whiten: values}),
		smt.EvaluateMemory(dims, train, test, smt.Protocol{K: neighbours, Flips: flips, Hubs: hubSample})+memory.Held(whitening),
		memory.Estimate(whitening+probing),
	)
}
