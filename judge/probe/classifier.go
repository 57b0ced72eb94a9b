package probe

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/simd"
)

// Classifier is a trained probe. It does not change, and may be used from many goroutines.
type Classifier struct {
	Strength  float64 // with which it was trained
	Objective float64 // what training reached: see the package's comment
	Trials    []Trial // of the strengths that were compared, strongest first

	dim, stride int
	present     []uint16  // the classes that had rows
	numbers     []uint16  // 0, 1, …: the numbers of the rows of weights
	weights     []float32 // a row of stride values for each class that is present
	bias        []float64
	classes     int
}

// Trial is how a probe of some strength did on the rows that were held out from its training.
type Trial struct {
	Strength float64
	Accuracy float64 // the share of the rows held out whose class ranks first
	Entropy  float64 // their mean cross-entropy, in nats
	Passes   int     // through the rows
}

// Scores writes a value for each class to out: the logarithm of its probability, plus a constant that all classes
// share. x is dim values, scaled as those trained on. A class without rows in training has -Inf.
func (c *Classifier) Scores(x, out []float32) {
	if len(x) != c.dim || len(out) != c.classes {
		panic(fmt.Sprintf("probe: %s and %s, want %d and %d", plural.Of(len(x), "value"), plural.Of(len(out), "score"), c.dim, c.classes))
	}
	scores := make([]float32, len(c.present))
	body := len(x) / quantum * quantum
	if body > 0 {
		simd.DotRows(c.numbers, x[:body], c.weights, c.stride, scores)
	}
	for i := range out {
		out[i] = float32(math.Inf(-1))
	}
	for i, class := range c.present {
		tail := linalg.Dot(x[body:], c.weights[i*c.stride+body:])
		out[class] = float32(float64(scores[i]) + tail + c.bias[i])
	}
}

// Rank returns the classes, the likeliest for x first, and the lower number first of equally likely ones. Classes
// without rows in training are left out.
func (c *Classifier) Rank(x []float32) []int {
	scores := make([]float32, c.classes)
	c.Scores(x, scores)
	ranked := make([]int, len(c.present))
	for i, class := range c.present {
		ranked[i] = int(class)
	}
	slices.SortStableFunc(ranked, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return ranked
}

// best is the place of the largest value, the first of equal ones.
func best(z []float32) (at int) {
	for c, v := range z {
		if v > z[at] {
			at = c
		}
	}
	return at
}
