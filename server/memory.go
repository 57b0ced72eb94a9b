package server

import (
	"runtime"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/estimate"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/memory"
)

// Memory estimates the bytes that a program takes that does nothing but serve a model
// and a bank of so many images of a shape. Uploads, whose memory is bounded whatever is
// served, come on top. reading is what it takes to read an image, beside its pixels
// (dataset.Reading).
func Memory(m *smt.Model, s dataset.Shape, bank int, reading int64) int64 {
	e, cfg := explain.MemoryOf(m, s), m.Config()
	embeddings := 5 * float64(bank) * float64(m.Dim(s))
	embedding := memory.Held(embeddings) + estimate.Embed(estimate.Images{Shape: s, Len: bank, Reading: reading}, estimate.Components{}, smt.Member{Model: m})
	held := embeddings + e.Gallery(cfg.Atoms)
	work := e.Unwhiten(cfg.Atoms)
	held += e.Gallery(min(patchImages, bank)*patchesEach) + e.Inverter()
	others := float64(runtime.GOMAXPROCS(0)-1) * e.Why() // one place inverts at most
	work = max(work, e.Map(min(mapAtoms, cfg.Atoms)), others+max(e.Why(), e.Invert()))
	return max(embedding, memory.Estimate(e.Model+held+work))
}
