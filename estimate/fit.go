package estimate

import (
	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/sparse"
)

// Fit estimates the bytes that a program takes at the most that does nothing but smt.Fit.
func Fit(c smt.Config, images Images) int64 {
	w := workload{Config: c, shape: images.Shape, images: images.Len, perPatch: images.Share * float64(c.Atoms)}
	learning := memory.Estimate(max(w.whitening(), w.choosing())) + int64(workersOn(w.sample()))*images.Reading
	return max(learning, w.fromCounting(images.Reading))
}

// Counting is Fit from the moment on that atoms are chosen, and so many are known to be active
// in a patch (smt.Active), which Fit has of a few crops, or guesses.
func Counting(c smt.Config, images Images, perPatch float64) int64 {
	return workload{c, images.Shape, images.Len, perPatch}.fromCounting(images.Reading)
}

func (w workload) fromCounting(reading int64) int64 {
	return max(w.count(reading), w.solve(reading))
}

// Count estimates the bytes that a program takes that does nothing but smt.Plan.Count, of so many images.
func Count(c smt.Config, images Images) int64 {
	return workload{Config: c, shape: images.Shape, images: images.Len}.count(images.Reading)
}

// Solve estimates the bytes that a program takes that does nothing but smt.Plan.Solve, with the statistics of so many images.
func Solve(c smt.Config, images Images) int64 {
	w := workload{Config: c, shape: images.Shape, images: images.Len}
	_, sample := c.ComponentsOf(images.Shape, images.Len) // which the plan has in memory
	return w.solve(0) + memory.Held(float64(sample*images.Shape.Len()))
}

func (w workload) count(reading int64) int64 {
	return memory.Estimate(w.encoder()+w.counting()) + int64(w.readers())*reading
}

func (w workload) solve(reading int64) int64 {
	shortening := memory.Estimate(w.shortening()) + int64(w.readers())*reading
	return max(memory.Estimate(w.encoder()+w.solving()), shortening)
}

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
	if w.Dictionary == smt.KMeans {
		per := min(w.patches(1), max(8, 30*w.atoms()/w.sample()+1))
		rows := per * w.sample() * w.dim()
		return max(drawing+8*rows, 4*rows+allWorkers()*w.band()+6*atoms)
	}
	if w.Dictionary == smt.Learned {
		l := w.Learning()
		units, batch := float64(l.Units), 2*float64(l.Batch)
		// The units, as they are drawn and in rows; the sums, and the codes of a batch and its flips. Tables
		// of the atoms are made for every batch, and are garbage then.
		learning := 8*units*w.dim() + 4*w.atoms()*w.atoms() + 2*atoms + 4*batch*(w.atoms()+w.dim()) + 4*w.encoder()
		return drawing + max(8*units*w.dim(), learning)
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

// basis is the size of the larger of the two problems, of even and of odd codes, or that of
// the one there is.
func (w workload) basis() float64 {
	if w.Flips {
		return w.atoms()/2 + w.atoms()/128
	}
	return w.atoms()
}

// statistics are what is held of the images counted, once all are.
func (w workload) statistics() float64 {
	if w.Packed() {
		return 4*w.basis()*w.basis() + w.views()*w.atoms()
	}
	return 8 * w.atoms() * w.atoms()
}

// counting is the statistics and the batch that is added to them.
func (w workload) counting() float64 {
	patches, n := w.patches(w.Step), min(w.views(), cooccur.BatchGroups)
	workers := w.readers()*w.reading() + allWorkers()*w.band()
	entries := n * patches * w.active()
	if w.Packed() {
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
	if w.Code.Valued() {
		each += 4
	}
	codes := 3*entries + n*4*patches
	if w.perPatch > 0 && w.Context.Kind == cooccur.Whole {
		// Lists that grow leave what they grew out of. Entries that are guessed have room for it; sums over
		// windows take that room later.
		codes += entries / 2
	}
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
	if w.Code.Valued() || w.Context.Difference == 2 {
		each = 16
	}
	const apart = 1.4                                                      // atoms of a window for each atom of a row of patches in it, as measured
	sums := min(w.atoms(), apart*float64(2*w.Context.Radius+1)*w.active()) // of a patch
	// Each worker may be at a piece when there are enough.
	pieces := allWorkers() * min(w.patches(1), cooccur.PieceUnits)
	return each * min(sums*patches, float64(cooccur.PartEntries(w.Atoms))+sums*pieces)
}

// solving is the statistics, the two matrices of a basis and the vectors of the search,
// or the model made of them.
func (w workload) solving() float64 {
	n, k := w.basis(), float64(w.Dims+w.Skip)
	matrices := 2.0
	if w.Packed() {
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
