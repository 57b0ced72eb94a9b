package smt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/strictjson"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// Config is what a user chooses. Presets has the values of the paper; the zero
// value is not valid. It is flat, as its JSON and the flags of commands are: a choice has one name
// everywhere. What the engine needs of it is a manifold.Config, and what statistics depend on is
// left when counting (identity.go) has cleared the rest.
type Config struct {
	// What an image is cut into.

	// Deskew straightens gray images before they are cut, and brings their ink to one width
	// (dataset.Straighten): the model itself does, whatever it is used for.
	Deskew bool `json:"deskew,omitempty"`
	// Patch is the side w of a patch, in pixels.
	Patch int `json:"patch"`
	// Center is the context whose mean is subtracted from a patch.
	Center patch.Center `json:"center"`
	// Whiten turns ZCA whitening on, with Epsilon added to the eigenvalues of the
	// patch covariance (pixels in [0, 1]).
	Whiten  bool    `json:"whiten"`
	Epsilon float64 `json:"epsilon"`

	// Which atoms there are.

	// Atoms is the size D of the dictionary.
	Atoms int `json:"atoms"`
	// Dictionary is how atoms are chosen.
	Dictionary Dictionary `json:"dictionary"`
	// MaxCosine keeps exemplars apart: every two have a smaller cosine.
	MaxCosine float64 `json:"max_cosine"`

	// What a patch is as a code.

	// Code is the sparse code and Threshold its t, a cosine; of an L1 code it is λ.
	Code      sparse.Kind `json:"code"`
	Threshold float64     `json:"threshold"`

	// What is counted.

	// Context says which patches co-occur.
	Context cooccur.Context `json:"context"`
	// Step is the distance, in rows and in columns, of the patches that
	// statistics are made of; 0 and 1 are every patch. Pairs of patches of an image stay
	// as likely to be compared: statistics are noisier, not biased. Only for
	// whole-image contexts.
	Step int `json:"step"`
	// Flips adds the left-right flip of every image.
	Flips bool `json:"flips"`
	// Grayscale adds the gray view of every image, three equal channels.
	Grayscale bool `json:"grayscale"`

	// What is solved.

	// Dims is the number d of coordinates kept, after dropping the first Skip.
	Dims int `json:"dims"`
	Skip int `json:"skip"`
	// Ridge, times the mean of its diagonal, is added to the diagonal of V.
	Ridge float64 `json:"ridge"`

	// What an embedding is made of.

	// Pool × Pool patches are averaged to a cell, the cells Stride apart.
	Pool   int `json:"pool"`
	Stride int `json:"stride"`
	// Thin makes embeddings of one patch in so many, for speed: 2 of a checkerboard of them, 4 of
	// every second one in rows and in columns; 0 and 1 of all. Cells are the means of what is left.
	// Queries are better embedded by all patches (Model.Whole).
	Thin int `json:"thin,omitempty"`
	// Spectrum makes the embedding of an image the signed square roots of the spatial
	// frequencies of its cells, of those with at most so many half periods over the
	// image, √(down² + across²). With 0 it is the cells, as in the paper.
	Spectrum int `json:"spectrum,omitempty"`
	// Components shortens embeddings to at most so many of their principal components, which are
	// learned from images of the fit. With 0 they are left as they are. Power evens the
	// components out: each is divided by so much of a power of its standard deviation, from 0,
	// as they are, to 1, where all vary alike.
	Components int     `json:"components,omitempty"`
	Power      float64 `json:"power,omitempty"`

	// What of the data is used, and chance.

	// Sample bounds the images that whitening and atoms are learned from, and
	// Images those that statistics are; 0 is all. Both are chosen by a hash.
	Sample int `json:"sample"`
	Images int `json:"images"`

	// Seed decides everything that is random.
	Seed uint64 `json:"seed"`
}

// Dictionary names a way of choosing atoms.
type Dictionary string

const (
	Exemplars Dictionary = "exemplars" // random patches spaced by MaxCosine
	KMeans    Dictionary = "kmeans"    // centres of a spherical k-means
	Learned   Dictionary = "learned"   // those that make the objective of L1 codes small
)

// maxDistance, in patches, is more than any image has, and the sum of two is an int
// anywhere.
const maxDistance = 1 << 20

// leastThinned is the least side of a patch, in pixels, and of a pooling window, in patches, where
// embeddings are of one patch in some: every pixel is in one then, and every cell has one.
const leastThinned = 3

// maxSpectrum is more than any image has, and its square is an int anywhere.
const maxSpectrum = 1 << 15

// Validate reports the first field that makes no sense, and why.
func (c Config) Validate() error {
	bad := func(field string, value any, want string) error {
		return fmt.Errorf("smt: config: %s is %v: want %s", field, value, want)
	}
	if field, value := strictjson.NotFinite(c); field != "" { // used or not, it could not be saved
		return bad(field, value, "a finite number")
	}
	switch {
	case c.Patch < 1 || c.Patch > 256:
		return bad("patch", c.Patch, "a side of 1 to 256 pixels")
	case c.Center != patch.CenterImage && c.Center != patch.CenterPatch && c.Center != patch.CenterNone:
		return bad("center", strconv.Quote(string(c.Center)), "image, patch or none")
	case c.Whiten && c.Epsilon < 0:
		return bad("epsilon", c.Epsilon, "a number of at least 0")
	case c.Atoms < 2 || c.Atoms > sparse.MaxAtoms:
		return bad("atoms", c.Atoms, fmt.Sprintf("2 to %d", sparse.MaxAtoms))
	case c.Dictionary != Exemplars && c.Dictionary != KMeans && c.Dictionary != Learned:
		return bad("dictionary", strconv.Quote(string(c.Dictionary)), "exemplars, kmeans or learned")
	case c.Dictionary == KMeans && c.Flips && c.Atoms%2 != 0:
		return bad("atoms", c.Atoms, "an even number, as k-means centres come with their flips")
	case c.Dictionary == Learned && c.Flips && c.Atoms%2 != 0:
		return bad("atoms", c.Atoms, "an even number, as learned atoms come with their flips")
	case c.Dictionary == Learned && c.Code != sparse.L1:
		return bad("dictionary", strconv.Quote(string(c.Dictionary)), "exemplars or kmeans, as the code is not l1, which atoms are learned for")
	case c.Dictionary == Exemplars && c.MaxCosine <= 0:
		return bad("max_cosine", c.MaxCosine, "a positive cosine, 1 or more for no spacing")
	case !slices.Contains(sparse.Kinds(), c.Code):
		return bad("code", strconv.Quote(string(c.Code)), "general, nearest, soft or l1")
	case c.Code != sparse.Nearest && !(c.Threshold > 0 && c.Threshold < 1):
		return bad("threshold", c.Threshold, "a cosine between 0 and 1")
	case c.Code == sparse.L1 && c.Threshold < sparse.LeastL1:
		return bad("threshold", c.Threshold, fmt.Sprintf("at least %g of an L1 code", sparse.LeastL1))
	case c.Step < 0 || c.Step > maxDistance:
		return bad("step", c.Step, fmt.Sprintf("0 to %d patches", maxDistance))
	case c.Step > 1 && c.Context.Kind == cooccur.Window:
		return bad("step", c.Step, "1, as the context is a window")
	case c.Dims < 1:
		return bad("dims", c.Dims, "at least 1")
	case c.Skip < 0:
		return bad("skip", c.Skip, "at least 0")
	case c.Dims > c.Atoms:
		return bad("dims", c.Dims, fmt.Sprintf("at most the %s", plural.Of(c.Atoms, "atom")))
	case c.Skip > c.Atoms-c.Dims:
		return bad("skip", c.Skip, fmt.Sprintf("at most %d, the %s less the %s", c.Atoms-c.Dims, plural.Of(c.Atoms, "atom"), plural.Of(c.Dims, "dim")))
	case !(c.Ridge >= 0 && c.Ridge < 1):
		return bad("ridge", c.Ridge, "0 to 1")
	case c.Pool < 1:
		return bad("pool", c.Pool, "at least 1 patch")
	case c.Stride < 1 || c.Stride > maxDistance:
		return bad("stride", c.Stride, fmt.Sprintf("1 to %d patches", maxDistance))
	case c.Thin != 0 && c.Thin != 1 && c.Thin != 2 && c.Thin != 4:
		return bad("thin", c.Thin, "1, 2 or 4")
	case c.Thin > 1 && min(c.Patch, c.Pool) < leastThinned:
		return bad("thin", c.Thin, fmt.Sprintf("1, as patches of %d or windows of %d would leave gaps: want %d or more", c.Patch, c.Pool, leastThinned))
	case c.Spectrum < 0 || c.Spectrum > maxSpectrum:
		return bad("spectrum", c.Spectrum, fmt.Sprintf("0 to %d half periods", maxSpectrum))
	case c.Components < 0:
		return bad("components", c.Components, "at least 0")
	case !(c.Power >= 0 && c.Power <= 1):
		return bad("power", c.Power, "0 to 1")
	case c.Sample < 0:
		return bad("sample", c.Sample, "at least 0")
	case c.Images < 0:
		return bad("images", c.Images, "at least 0")
	}
	if c.Context.Radius > maxDistance {
		return bad("context: radius", c.Context.Radius, fmt.Sprintf("at most %d patches", maxDistance))
	}
	if err := c.Context.Validate(); err != nil {
		return fmt.Errorf("smt: config: context: %s", strings.TrimPrefix(err.Error(), "cooccur: "))
	}
	return nil
}

// check reports whether a model can be learned from src.
func (c Config) check(src dataset.Source) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if src.Len() == 0 {
		return fmt.Errorf("smt: fit: the source has no images")
	}
	return c.fits(src.Shape())
}

// packedAtoms is the size from which on statistics are packed: they would take
// more than 2 GB otherwise. Tests make it small.
var packedAtoms = 16384

// Learning is how atoms are learned (Learned): from 32 patches an atom or more, in 5 passes.
func (c Config) Learning() dictionary.Learning {
	return dictionary.Learning{Atoms: c.Atoms, Lambda: c.Threshold, Units: max(20_000, 32*c.Atoms), Passes: 5, Batch: 256}
}

// Packed reports whether statistics are packed (cooccur.Packed).
func (c Config) Packed() bool {
	return c.Atoms > packedAtoms && c.Flips && c.Context.Kind == cooccur.Whole && !c.Code.Valued()
}
