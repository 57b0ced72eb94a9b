package estimate

import (
	"math"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// workload is what a configuration is used on.
type workload struct {
	smt.Config
	shape    dataset.Shape
	images   int
	perPatch float64 // active atoms, 0 where they are not known
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

// active is about the number of active atoms of a patch: unless it is known, as many as were
// found in photographs and in drawings. Where there are many more, batches have bounds.
func (w workload) active() float64 {
	switch {
	case w.perPatch > 0:
		return w.perPatch
	case w.Code == sparse.Nearest:
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
func (w workload) views() float64 { return w.viewsOf(w.Images) }

// sample is the number of images and views that atoms are learned from.
func (w workload) sample() float64 { return w.viewsOf(w.Sample) }

// viewsOf is the number of images and views of at most so many images, 0 for all.
func (w workload) viewsOf(most int) float64 {
	n := w.images
	if most > 0 {
		n = min(n, most)
	}
	if w.Grayscale {
		n *= 2
	}
	return float64(n)
}

// reading is what a worker takes for the pixels of an image, and for them once more where they are straightened. What decoding it takes
// is let go at once (memory.LetGo), and no garbage comes with it.
func (w workload) reading() float64 {
	if w.Deskew {
		return 2 * float64(w.shape.Len())
	}
	return float64(w.shape.Len())
}

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
