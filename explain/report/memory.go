package report

import (
	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/estimate"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/judge"
)

// Within is the sizes, or what a set has.
func (n Sizes) Within(set *dataset.Set) Sizes {
	tests := set.Train.Len() / 5
	if set.Test != nil {
		tests = set.Test.Len()
	}
	return Sizes{Bank: min(n.Bank, set.Train.Len()), Test: min(n.Test, tests), Sample: min(n.Sample, set.Train.Len())}
}

// Memory estimates the bytes that a program takes that does nothing but Write, with so
// many images of a shape: none, where they are not given. reading is what it takes to
// read one of them, beside its pixels (dataset.Reading).
func Memory(m *smt.Model, s dataset.Shape, n Sizes, reading int64) int64 {
	const pages = 10 << 20 // pictures, and the page that is made of them
	e, cfg := explain.MemoryOf(m, s), m.Config()
	atoms := 4 * float64(cfg.Atoms*m.Stages().Transform.Dim())
	held := e.Gallery(cfg.Atoms) + atoms
	work := max(e.Unwhiten(cfg.Atoms)-atoms, pages+e.Map(min(mapAtoms, cfg.Atoms)))
	if n.Sample > 0 {
		patches := min(galleryImages, n.Sample) * patchesEach
		work = max(work, e.Measure(n.Sample), pages+e.Gallery(patches)+e.Read, pages+e.Agreement(max(n.Sample, n.Test))+e.Read)
	}
	if n.Bank > 0 && n.Test > 0 {
		work = max(work, pages+e.Why(), pages+e.Inverter()+e.Invert())
	}
	most := memory.Estimate(e.Model + held + work)
	if n.Bank > 0 && n.Test > 0 {
		bank := estimate.Images{Shape: s, Len: n.Bank, Reading: reading}
		evaluating := estimate.Evaluate(bank, n.Test, judge.Paper(cfg.Flips), smt.Member{Model: m})
		most = max(most, memory.Held(held+pages)+evaluating)
	}
	return most
}
