package video

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/strictjson"
	"github.com/sparse-manifold/smt/patch"
	videosource "github.com/sparse-manifold/smt/source/video"
	"github.com/sparse-manifold/smt/sparse"
)

// Dictionary says how atoms are chosen.
type Dictionary string

const (
	Exemplars Dictionary = "exemplars" // random units spaced by MaxCosine
	KMeans    Dictionary = "kmeans"    // centres of a spherical k-means
)

// Config is all that a fit depends on but the frames. Its JSON form is part of a model file.
type Config struct {
	// Shape is what frames are brought to: height, width, and 1 channel (gray) or 3.
	Shape dataset.Shape `json:"shape"`
	// Patch is the side of a patch in pixels, and Stride the distance of their places. 0 is a
	// whole frame as one unit.
	Patch  int `json:"patch"`
	Stride int `json:"stride"`
	// Center is what is subtracted from a unit: its own mean (patch), or nothing.
	Center patch.Center `json:"center"`
	// Whiten turns ZCA of the units on, with Epsilon added to the eigenvalues of their covariance.
	Whiten  bool    `json:"whiten"`
	Epsilon float64 `json:"epsilon"`

	Atoms      int        `json:"atoms"` // size D of the dictionary
	Dictionary Dictionary `json:"dictionary"`
	MaxCosine  float64    `json:"max_cosine"` // between exemplars; 1 or more is no spacing

	Code      sparse.Kind `json:"code"`
	Threshold float64     `json:"threshold"` // the cosine t from which on an atom is active; of an L1 code it is λ

	// Radius is how many frames before and after are the context of a frame.
	Radius int `json:"radius"`
	// Difference is 1 for pairs of frames, which makes coordinates slow, and 2 for a frame and
	// the mean of its context, which makes trajectories straight.
	Difference int `json:"difference"`

	Dims  int     `json:"dims"`  // coordinates kept
	Skip  int     `json:"skip"`  // coordinates dropped before those
	Ridge float64 `json:"ridge"` // added to the diagonal of V, times its mean
	// Pool is the side of the squares of places over which β is averaged; 0 averages over all
	// places of a frame.
	Pool int    `json:"pool"`
	Seed uint64 `json:"seed"`
}

// smallSide is the longest shorter side of a frame that is one unit.
const smallSide = 40

// largeSide is what the shorter side of a frame is brought to, where it is longer.
const largeSide = 72

// Preset is the configuration to start from, for clips whose frames have a shape. Frames of up to 40 pixels
// along a side are units as they are; of larger ones, made smaller, patches are.
func Preset(clip dataset.Shape) Config {
	c := Config{
		Shape: clip, Atoms: 2048, Dictionary: Exemplars, Code: sparse.Soft, Radius: 1, Ridge: 1e-6, Seed: 1,
		Center: patch.CenterNone, MaxCosine: 0.95, Threshold: 0.65, Difference: 1, Dims: 128,
	}
	if min(clip.Height, clip.Width) <= smallSide {
		return c
	}
	c.Shape = reduced(clip)
	c.Patch, c.Stride, c.Center, c.Whiten, c.Epsilon = 16, 8, patch.CenterPatch, true, 0.1
	c.Atoms, c.Threshold, c.Difference, c.Dims, c.Ridge = 1024, 0.2, 2, 32, 1e-4
	return c
}

// reduced is a shape of the same aspect whose shorter side is largeSide, or the shape if it is smaller.
func reduced(s dataset.Shape) dataset.Shape {
	short := min(s.Height, s.Width)
	if short > largeSide {
		s.Height = (s.Height*largeSide + short/2) / short
		s.Width = (s.Width*largeSide + short/2) / short
	}
	return s
}

// context is the topology's window.
func (c Config) context() cooccur.Context {
	return cooccur.Context{Kind: cooccur.Window, Radius: c.Radius, Difference: c.Difference}
}

// places are the units of a frame, without the whitening.
func (c Config) places() videosource.Places {
	return videosource.Places{Shape: c.Shape, Patch: c.Patch, Stride: c.Stride, Center: c.Center}
}

// mostRadius, in frames, is hours of film.
const mostRadius = 1 << 20

// FitMemory is about what fitting to so many frames takes, in bytes: the frames, and whichever stage takes most.
func (c Config) FitMemory(frames int) int64 {
	atoms, dim := float64(c.Atoms), float64(c.places().Dim())
	held := float64(frames)*float64(c.Shape.Len()) + 4*atoms*dim
	if c.Whiten {
		held += 56 * dim * dim
	}
	// Two triangles of 64 bits, two matrices of float32 made of them, their factor and a copy.
	return memory.Estimate(held + (8+8+8)*atoms*atoms)
}

// Validate reports the first field that makes no sense, and why.
func (c Config) Validate() error {
	bad := func(field string, value any, want string) error {
		return fmt.Errorf("video: config: %s is %v: want %s", field, value, want)
	}
	if field, value := strictjson.NotFinite(c); field != "" { // used or not, it could not be saved
		return bad(field, value, "a finite number")
	}
	switch {
	case c.Whiten && c.Epsilon <= 0 || !c.Whiten && c.Epsilon != 0:
		return bad("epsilon", c.Epsilon, "a positive number with whiten, and 0 without")
	case c.Atoms < 2 || c.Atoms > sparse.MaxAtoms:
		return bad("atoms", c.Atoms, fmt.Sprintf("2 to %d", sparse.MaxAtoms))
	case c.Dictionary != Exemplars && c.Dictionary != KMeans:
		return bad("dictionary", strconv.Quote(string(c.Dictionary)), "exemplars or kmeans")
	case c.Dictionary == Exemplars && c.MaxCosine <= 0:
		return bad("max_cosine", c.MaxCosine, "a positive cosine, 1 or more for no spacing")
	case !slices.Contains(sparse.Kinds(), c.Code):
		return bad("code", strconv.Quote(string(c.Code)), "general, nearest, soft or l1")
	case c.Code != sparse.Nearest && !(c.Threshold > 0 && c.Threshold < 1):
		return bad("threshold", c.Threshold, "a cosine between 0 and 1")
	case c.Code == sparse.L1 && c.Threshold < sparse.LeastL1:
		return bad("threshold", c.Threshold, fmt.Sprintf("at least %g of an L1 code", sparse.LeastL1))
	case c.Radius < 1 || c.Radius > mostRadius:
		return bad("radius", c.Radius, fmt.Sprintf("1 to %d frames", mostRadius))
	case c.Difference != 1 && c.Difference != 2:
		return bad("difference", c.Difference, "1 (slow) or 2 (straight)")
	case c.Dims < 1 || c.Dims > c.Atoms:
		return bad("dims", c.Dims, fmt.Sprintf("1 to the %s", plural.Of(c.Atoms, "atom")))
	case c.Skip < 0 || c.Skip > c.Atoms-c.Dims:
		return bad("skip", c.Skip, fmt.Sprintf("0 to %d, the %s less the %s", c.Atoms-c.Dims, plural.Of(c.Atoms, "atom"), plural.Of(c.Dims, "dim")))
	case !(c.Ridge >= 0 && c.Ridge < 1):
		return bad("ridge", c.Ridge, "0 to 1")
	}
	if err := c.places().Check(); err != nil {
		return fmt.Errorf("video: config: %w", err)
	}
	rows, cols := c.places().Grid()
	if c.Pool < 0 || c.Pool > min(rows, cols) {
		return bad("pool", c.Pool, fmt.Sprintf("1 to %s, or 0 for all", plural.Of(min(rows, cols), "place")))
	}
	return nil
}

// cells is the number of squares of places along the height and the width of a frame.
func (c Config) cells() (rows, cols int) {
	if c.Pool == 0 {
		return 1, 1
	}
	rows, cols = c.places().Grid()
	return rows / c.Pool, cols / c.Pool
}

// Dim is the number of values of the embedding of a frame: those of its cells, rows first.
func (c Config) Dim() int {
	rows, cols := c.cells()
	return rows * cols * c.Dims
}
