package estimate

import (
	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/pool"
)

// Components are what embeddings are shortened to: the values of the N principal components that
// judge.Components finds in a bank of so many items. N = 0 leaves embeddings as they are.
type Components struct{ N, Bank int }

// Embed estimates the bytes that a program takes that does nothing but embed images by the
// members of an ensemble: of more images than a block has, no more.
func Embed(images Images, c Components, members ...smt.Member) int64 {
	models := modelsOf(members, images.Shape)
	workers := workersOn(float64(images.Len))
	if c.N > 0 {
		workers = workersOn(float64(max(images.Len, c.Bank)))
	}
	size := models.size(workers)
	size.Bank = c.Bank
	finding, held := size.Components(c.N)
	block := size.Block(min(images.Len, embedding.BlockRows(embedding.Block, size.Dim)))
	block += 4 * float64(min(images.Len, embedding.Block)) * float64(min(c.N, c.Bank, size.Dim)) // shortened
	work := memory.Estimate(models.held + max(finding, held+size.Making+block))
	return max(memory.Estimate(models.held+models.loading), work+models.decoding(workers, images.Reading))
}

// Evaluate estimates the bytes that a program takes that does nothing but classify so many test
// images by their neighbours in a bank. Reading is that of either.
func Evaluate(bank Images, test int, p judge.Protocol, members ...smt.Member) int64 {
	models := modelsOf(members, bank.Shape)
	workers := workersOn(float64(max(bank.Len, test)))
	size := models.size(workers)
	size.Bank, size.Test = bank.Len, test
	return memory.Estimate(models.held+max(models.loading, size.Evaluate(p))) + models.decoding(workers, bank.Reading)
}

// models are the bytes of the models of an ensemble.
type models struct {
	n       int
	flips   bool    // all were fitted with flips
	held    float64 // of all
	loading float64 // the most that reading one takes beside that
	making  float64 // the most that a worker takes to embed an image
	ready   float64 // among that, what a worker has while it decodes an image
	dim     int     // values of an embedding of all
	long    int     // values that components of the models shorten
}

func modelsOf(members []smt.Member, s dataset.Shape) models {
	all := models{n: len(members), flips: true}
	for _, member := range members {
		m := member.Model
		s.Channels = m.Record().Data.Shape.Channels
		w := workload{Config: m.Config(), shape: s}
		all.flips = all.flips && w.Flips
		all.held += w.model(m.Stages())
		all.loading = max(all.loading, 8*w.atoms()*float64(w.Dims))
		all.making = max(all.making, w.embedding(m.Stages().Layout))
		all.ready = max(all.ready, w.reading()+w.used())
		all.dim += m.Dim(s)
		if m.Stages().Components != nil {
			all.long += m.Config().Dim(s)
		}
	}
	return all
}

// size is what judging depends on, when so many workers embed.
func (m models) size(workers float64) judge.Size {
	return judge.Size{Dim: m.dim, Long: m.long, Models: m.n, Flips: m.flips, Making: workers * m.making}
}

// decoding is what so many workers take to decode an image each, beside what they take to embed it: by then
// what decoding took is let go.
func (m models) decoding(workers float64, reading int64) int64 {
	return int64(workers * max(0, float64(reading-memory.Held(m.making-m.ready))))
}

// model is what is held of a model.
func (w workload) model(s smt.Stages) float64 {
	held := w.encoder() + w.projection() + 4*w.atoms()*float64(len(s.Dropped))
	if s.Components != nil {
		for _, p := range s.Components.Parts() {
			held += 4 * float64(len(p.Rows))
		}
	}
	return held
}

// shortening is a model, and the search for its components.
func (w workload) shortening() float64 {
	n, sample := w.ComponentsOf(w.shape, w.images)
	if n == 0 {
		return 0
	}
	layout := pool.Layout{Window: w.Pool, Stride: w.Stride, Frequencies: w.Spectrum, Dims: w.Dims}
	size := judge.Size{Dim: w.Dim(w.shape), Models: 1, Bank: sample, Flips: w.Flips, Making: workersOn(float64(sample)) * w.embedding(layout)}
	finding, _ := size.Components(n)
	return w.encoder() + w.projection() + 4*w.atoms()*float64(w.Skip) + finding
}

// embedding is what a worker takes to embed images, besides the embeddings.
func (w workload) embedding(l pool.Layout) float64 {
	down, across := patch.Grid(w.shape, w.Patch)
	cellRows, cellCols := l.Grid(down, across)
	width := float64((w.Dims + 31) / 32 * 32)
	patches := min(w.patches(1), max(pool.BandPatches, float64(w.Pool*across)))
	pooling := patches * (4*width + 2*1.25*w.active() + 8)
	if w.Spectrum > 0 {
		reach := float64(l.Reach(cellCols))
		pooling += 4 * width * (float64(cellCols) + reach*float64(cellRows+l.Reach(cellRows)))
	}
	return w.reading() + w.used() + w.band() + pooling
}

// used is the numbers of the patches that a thin embedding is made of.
func (w workload) used() float64 {
	if w.Thin > 1 {
		return 8 * w.patches(1) / float64(w.Thin)
	}
	return 0
}

// Reading is about how many bytes what explain.Read and explain.Embed return takes.
type Reading struct {
	Model float64 // what is held of it
	Code  float64 // of a patch
	Read  float64 // of an image: all its patches and codes
	Embed float64 // the embeddings of these
}

// Read estimates what reading an image of a shape takes, beside its decoding.
func Read(m *smt.Model, s dataset.Shape) Reading {
	w, stages := workload{Config: m.Config(), shape: s}, m.Stages()
	n, code := w.patches(1), 2*w.active()
	if w.Code.Valued() {
		code *= 3
	}
	return Reading{
		Model: w.model(stages),
		Code:  code,
		Read:  w.reading() + w.band() + n*(4*float64(stages.Coder.Stride())+1+1.25*(4+code)),
		Embed: 4 * n * float64(stages.Projection.Width()),
	}
}
