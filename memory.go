package smt

import (
	"math"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/pool"
	"github.com/sparse-manifold/smt/sparse"
)

// How much memory work takes is told beforehand, so that what does not fit is refused
// at once. Each stage is the sum of what it holds: arrays that follow from the
// configuration, batches, whose sizes have bounds, and the working memory of each
// worker. The largest stage counts. peak_test.go compares the sums with what
// processes take.

// FitMemory estimates the bytes that a program takes at the most that does nothing but
// Fit, for a number of images of a shape. reading is what it takes to read one of them,
// beside its pixels (dataset.Reading).
func (c Config) FitMemory(s dataset.Shape, images int, reading int64) int64 {
	w := workload{c, s, images}
	learning := memory.Estimate(max(w.whitening(), w.choosing())) + int64(workersOn(w.sample()))*reading
	counting := memory.Estimate(w.encoder()+w.counting()) + int64(w.readers())*reading
	return max(learning, counting, memory.Estimate(w.encoder()+w.solving()))
}

// workload is what a configuration is used on.
type workload struct {
	Config
	shape  dataset.Shape
	images int
}

func (w workload) atoms() float64 { return float64(w.Atoms) }
func (w workload) dim() float64   { return float64(w.Patch * w.Patch * w.shape.Channels) }

// allWorkers are those of work that is not by images.
func allWorkers() float64 { return workersOn(1 << 20) }

// workersOn is how many workers are busy with so many images.
func workersOn(images float64) float64 { return float64(parallel.Workers(int(images))) }

// readers is how many workers read images to be counted.
func (w workload) readers() float64 {
	if w.large() {
		return 1
	}
	return workersOn(w.views())
}

// large is Encoder.large.
func (w workload) large() bool { return w.patches(w.Step) > manifold.BandUnits }

// patches is the number of patches of an image that are step apart.
func (w workload) patches(step int) float64 {
	step = max(1, step)
	rows, cols := patch.Grid(w.shape, w.Patch)
	return float64((rows-1)/step+1) * float64((cols-1)/step+1)
}

// active is about the number of active atoms of a patch: as many as were found in
// photographs and in drawings. Where there are many more, batches have bounds.
func (w workload) active() float64 {
	if w.Code == sparse.Nearest {
		return 1
	}
	per := w.atoms() / 120
	if w.Whiten {
		// Patches of larger photographs are smoother and, whitened, like more atoms: of those
		// seen up to eight times as many, of images that are not smooth no more.
		const twice = 54 // patches in a row, twice those of CIFAR-10
		per *= min(3, max(1, math.Sqrt(w.patches(1))/twice))
	}
	return min(w.atoms(), 8+per)
}

// views is the number of images and views that are counted.
func (w workload) views() float64 {
	n := w.images
	if w.Images > 0 {
		n = min(n, w.Images)
	}
	if w.Grayscale {
		n *= 2
	}
	return float64(n)
}

// sample is the number of images and views that atoms are learned from.
func (w workload) sample() float64 {
	n := w.images
	if w.Sample > 0 {
		n = min(n, w.Sample)
	}
	if w.Grayscale {
		n *= 2
	}
	return float64(n)
}

// reading is what a worker takes for the pixels of an image. What decoding it takes is
// garbage from one image to the next, and stands beside the rest.
func (w workload) reading() float64 { return float64(w.shape.Len()) }

// band is what a worker takes for the patches of a band: pixels and values, before
// whitening and after it, and in the coder's order, and two bits for each atom.
func (w workload) band() float64 {
	n := min(w.patches(1), bandOf(w.dim()))
	rows := n/float64(w.shape.Width) + float64(w.Patch) + 1
	pixels := min(rows, float64(w.shape.Height)) * float64(w.shape.Width*w.shape.Channels)
	return 4*pixels + 8*n*w.dim() + 384*(5*w.dim()+w.atoms()/4)
}

// bandOf is patch.Transform.BandLen for patches of dim values.
func bandOf(dim float64) float64 { return max(1, min(4, float64(int(1<<19/(dim*384))))) * 384 }

func (w workload) whitening() float64 {
	if !w.Whiten {
		return 0
	}
	square := w.dim() * w.dim()
	return workersOn(w.sample())*(w.reading()+w.band()+8*square) + 56*square
}

// choosing is the search for atoms.
func (w workload) choosing() float64 {
	atoms := 4 * w.atoms() * w.dim()
	drawing := workersOn(w.sample()) * (w.reading() + 4*w.patches(1))
	if w.Dictionary == KMeans {
		per := min(w.patches(1), max(8, 30*w.atoms()/w.sample()+1))
		rows := per * w.sample() * w.dim()
		return max(drawing+8*rows, 4*rows+allWorkers()*w.band()+6*atoms)
	}
	// A chunk of candidates, three times, and what is apart of several rounds of them.
	candidates := min(2048, 8*w.sample())
	rounds := min(64<<20, 4*w.atoms()*w.dim())
	return drawing + 12*candidates*w.dim() + 4*candidates*512 + rounds + 3*atoms
}

// encoder is the atoms, and the coder's table of them.
func (w workload) encoder() float64 {
	return w.atoms() * 11 * w.dim()
}

// part is the size of the largest part of the eigenproblem.
func (w workload) part() float64 {
	if w.Flips {
		return w.atoms()/2 + w.atoms()/128
	}
	return w.atoms()
}

// statistics are what is held of the images counted, once all are.
func (w workload) statistics() float64 {
	if w.packs() {
		return 4*w.part()*w.part() + w.views()*w.atoms()
	}
	return 8 * w.atoms() * w.atoms()
}

// counting is the statistics and the batch that is added to them.
func (w workload) counting() float64 {
	patches, n := w.patches(w.Step), min(w.views(), cooccur.BatchGroups)
	workers := w.readers()*w.reading() + allWorkers()*w.band()
	entries := n * patches * w.active()
	if w.packs() {
		// Codes, and of those counted at a time their numbers and where they stand.
		return w.statistics() + workers + 2*entries + 10*min(entries, 48<<20) + allWorkers()*4*sparse.MaxAtoms
	}
	held := w.statistics()
	if w.large() {
		held *= 2 // an image is summed apart
		n, entries = 1, (manifold.BandUnits+2*float64(w.Context.Radius*w.shape.Width))*w.active()
	}
	counted := min(entries, manifold.BandUnits*w.active(), float64(cooccur.PartEntries(w.Atoms)))
	// Each worker may be at an image when there are enough, one with more than others.
	entries = min(entries, float64(cooccur.BatchEntries(w.Atoms))+allWorkers()*2*patches*w.active())
	each := 10.0
	if w.Code == sparse.Soft {
		each += 4
	}
	codes := 3*entries + n*4*patches
	parts := each*counted + allWorkers()*8*sparse.MaxAtoms + w.windows(min(n*patches, manifold.BandUnits))
	means := 0.0
	if w.Context.Kind == cooccur.Whole {
		means = 20 * n * w.atoms()
	}
	return held + workers + codes + max(parts, means)
}

// windows is what sums over the windows of so many patches take, as many as are counted
// at a time: those of neighbours share atoms, but not all.
func (w workload) windows(patches float64) float64 {
	if w.Context.Kind != cooccur.Window {
		return 0
	}
	each := 10.0
	if w.Code == sparse.Soft || w.Context.Difference == 2 {
		each = 16
	}
	sums := min(w.atoms(), 2*float64(2*w.Context.Radius+1)*w.active()) // of a patch
	// Each worker may be at a piece when there are enough.
	pieces := allWorkers() * min(w.patches(1), cooccur.PieceUnits)
	return each * min(sums*patches, float64(cooccur.PartEntries(w.Atoms))+sums*pieces)
}

// solving is the statistics, the two matrices of a part and the vectors of the search,
// or the model made of them.
func (w workload) solving() float64 {
	n, k := w.part(), float64(w.Dims+w.Skip)
	matrices := 2.0
	if w.packs() {
		matrices = 1
	}
	vectors := 4*n*(3*k+256) + 4*n*128 + 8*k*k
	model := k*w.atoms()*8 + w.projection()
	return w.statistics() + max(4*n*n*matrices+vectors, model)
}

// projection is the linear map, as floats and as words.
func (w workload) projection() float64 {
	width := float64((w.Dims + 31) / 32 * 32)
	return 6 * w.atoms() * width
}

// embedding is what a worker takes to embed images, besides the embeddings.
func (w workload) embedding(cellRows, cellCols int) float64 {
	_, across := patch.Grid(w.shape, w.Patch)
	width := float64((w.Dims + 31) / 32 * 32)
	patches := min(w.patches(1), max(pool.BandPatches, float64(w.Pool*across)))
	pooling := patches * (4*width + 2*1.25*w.active() + 8)
	if w.Spectrum > 0 {
		l := w.layout()
		reach := float64(l.Reach(cellCols))
		pooling += 4 * width * (float64(cellCols) + reach*float64(cellRows+l.Reach(cellRows)))
	}
	return w.reading() + w.band() + pooling
}

// memory is what is held of the models, the most that loading one takes and that a worker
// takes to embed with one, beside that, and the number of values of an embedding.
func (e *Ensemble) memory(s dataset.Shape) (held, loading, embedding float64, dim int) {
	for _, m := range e.members {
		m := m.Model
		view := s
		view.Channels = m.enc.transform().Channels
		w := workload{Config: m.enc.cfg, shape: view}
		held += m.memory()
		loading = max(loading, 8*w.atoms()*float64(w.Dims))
		embedding = max(embedding, w.embedding(w.grid(view)))
		dim += m.Dim(view)
	}
	return held, loading, embedding, dim
}

// memory is what is held of a model.
func (m *Model) memory() float64 {
	w := workload{Config: m.enc.cfg, shape: dataset.Shape{Channels: m.enc.transform().Channels}}
	return w.encoder() + w.projection() + 4*w.atoms()*float64(len(m.dropped))
}

// ReadMemory is about how many bytes what Stages.Read and Stages.EmbedCodes give takes.
type ReadMemory struct {
	Model float64 // what is held of it
	Code  float64 // of a patch
	Read  float64 // of an image: all its patches and codes
	Embed float64 // the embeddings of these
}

// ReadMemory estimates what reading an image of a shape takes, beside its decoding.
func (m *Model) ReadMemory(s dataset.Shape) ReadMemory {
	w := workload{Config: m.enc.cfg, shape: s}
	n, code := w.patches(1), 2*w.active()
	if w.Code == sparse.Soft {
		code *= 3
	}
	return ReadMemory{
		Model: m.memory(),
		Code:  code,
		Read:  w.reading() + w.band() + n*(4*float64(m.enc.engine.Coder().Stride())+1+1.25*(4+code)),
		Embed: 4 * n * float64(m.p.Width()),
	}
}

// EvaluateMemory is Ensemble.EvaluateMemory of the model alone.
func (m *Model) EvaluateMemory(s dataset.Shape, bank, test int, p judge.Protocol, reading int64) int64 {
	return m.asEnsemble().EvaluateMemory(s, bank, test, p, reading)
}

// EmbedMemory is Ensemble.EmbedMemory of the model alone.
func (m *Model) EmbedMemory(s dataset.Shape, images int, reading int64) int64 {
	return m.asEnsemble().EmbedMemory(s, images, reading)
}

// EmbedMemory estimates, as Config.FitMemory does, the bytes that embedding a number of
// images of a shape takes: of more than a block of them, no more.
func (e *Ensemble) EmbedMemory(s dataset.Shape, images int, reading int64) int64 {
	return e.EmbedWhitenedMemory(s, images, 0, 0, reading)
}

// EmbedWhitenedMemory is EmbedMemory of embeddings that are shortened to n values, by the
// components that judge.Components finds in so many images of a bank.
func (e *Ensemble) EmbedWhitenedMemory(s dataset.Shape, images, bank, n int, reading int64) int64 {
	held, loading, embed, dim := e.memory(s)
	workers := workersOn(float64(images))
	if n > 0 {
		workers = workersOn(float64(max(images, bank)))
	}
	size := judge.Size{Dim: dim, Models: len(e.members), Bank: bank, Flips: e.PaperProtocol().Flips, Making: workers * embed}
	finding, whitening := size.Components(n)
	block := size.Block(min(images, embedding.BlockRows(embedBlock, dim)))
	block += 4 * float64(min(images, embedBlock)) * float64(min(n, bank, dim)) // as they are whitened
	return max(memory.Estimate(held+loading), memory.Estimate(held+max(finding, whitening+workers*embed+block))+int64(workers)*reading)
}

// EvaluateMemory estimates, as Config.FitMemory does, the bytes that Evaluate takes, for
// a number of bank and of test images.
func (e *Ensemble) EvaluateMemory(s dataset.Shape, bank, test int, p judge.Protocol, reading int64) int64 {
	held, loading, embed, dim := e.memory(s)
	workers := workersOn(float64(max(bank, test)))
	size := judge.Size{Dim: dim, Models: len(e.members), Bank: bank, Test: test, Flips: e.PaperProtocol().Flips, Making: workers * embed}
	return memory.Estimate(held+max(loading, size.Evaluate(p))) + int64(workers)*reading
}
