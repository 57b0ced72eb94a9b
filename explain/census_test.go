package explain

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// cloud is patches with cosines drawn at random, of images that attract their own a little.
type cloud struct {
	image, class []int
	cosine       [Stages][][]float64
	overlap      [][]bool
}

func newCloud(rng *rand.Rand, images, each, classes int) *cloud {
	c := &cloud{}
	for im := range images {
		for range 1 + rng.IntN(each) {
			c.image = append(c.image, 3*im) // images in between have no patch
			c.class = append(c.class, im*7%classes)
		}
	}
	rng.Shuffle(len(c.image), func(i, j int) {
		c.image[i], c.image[j] = c.image[j], c.image[i]
		c.class[i], c.class[j] = c.class[j], c.class[i]
	})
	n := len(c.image)
	c.overlap = make([][]bool, n)
	for i := range c.overlap {
		c.overlap[i] = make([]bool, n)
		for j := range i {
			c.overlap[i][j] = rng.IntN(3) == 0
			c.overlap[j][i] = c.overlap[i][j]
		}
	}
	for s := range c.cosine {
		c.cosine[s] = make([][]float64, n)
		for i := range n {
			c.cosine[s][i] = make([]float64, n)
			for j := range n {
				c.cosine[s][i][j] = rng.Float64()
				if c.image[i] == c.image[j] {
					c.cosine[s][i][j] += 0.3
				}
			}
		}
	}
	return c
}

// census has of each patch the nearest that Agree would look for.
func (c *cloud) census(k, each int) *census {
	out := &census{image: c.image, class: c.class, k: k, overlap: func(i, j int) bool { return c.overlap[i][j] }}
	for s := range c.cosine {
		for i := range c.image {
			out.near[s] = append(out.near[s], largest(c.cosine[s][i], k+2*each))
		}
	}
	return out
}

// share is the definition: of each patch but those of an image, rank all other such patches that may be neighbours,
// and count among the first k.
func (c *cloud) share(s, k, without int, may, counts func(i, j int) bool) float64 {
	var sum, patches float64
	for i := range c.image {
		if c.image[i] == without {
			continue
		}
		var all []int
		for j := range c.image {
			if j != i && c.image[j] != without && may(i, j) {
				all = append(all, j)
			}
		}
		slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(c.cosine[s][i][b], c.cosine[s][i][a]) })
		all = all[:min(k, len(all))]
		for _, j := range all {
			if counts(i, j) {
				sum += 1 / float64(len(all))
			}
		}
		patches++
	}
	return sum / patches
}

// estimate is a statistic and its jackknife error by pseudo-values: the spread of n·θ − (n − 1)·θ without an image.
func (c *cloud) estimate(statistic func(without int) float64) Estimate {
	images := slices.Compact(slices.Sorted(slices.Values(c.image)))
	n, whole := float64(len(images)), statistic(nobody)
	var sum, squares float64
	for _, im := range images {
		pseudo := n*whole - (n-1)*statistic(im)
		sum += pseudo
		squares += pseudo * pseudo
	}
	return Estimate{whole, math.Sqrt(max(0, squares/n-sum/n*sum/n) / (n - 1))}
}

func (c *cloud) shares(k int, may, counts func(i, j int) bool) *Shares {
	of := func(s Stage) func(int) float64 {
		return func(without int) float64 { return c.share(int(s), k, without, may, counts) }
	}
	return &Shares{
		Chance: c.share(0, len(c.image), nobody, may, counts),
		Signal: c.estimate(of(Signal)), Code: c.estimate(of(Code)), Embedding: c.estimate(of(Embedding)),
		Gain: c.estimate(func(without int) float64 { return of(Embedding)(without) - of(Signal)(without) }),
	}
}

func sameShares(t *rapid.T, what string, got, want *Shares) {
	for name, v := range map[string][2]float64{
		"chance": {got.Chance, want.Chance},
		"signal": {got.Signal.Value, want.Signal.Value}, "its error": {got.Signal.Error, want.Signal.Error},
		"code": {got.Code.Value, want.Code.Value}, "error of code": {got.Code.Error, want.Code.Error},
		"embedding": {got.Embedding.Value, want.Embedding.Value}, "error of embedding": {got.Embedding.Error, want.Embedding.Error},
		"gain": {got.Gain.Value, want.Gain.Value}, "error of gain": {got.Gain.Error, want.Gain.Error},
	} {
		// An error is the root of a small difference of squares: rounding of 1e-16 is 1e-8 of it.
		if math.Abs(v[0]-v[1]) > 1e-7 {
			t.Errorf("%s, %s: %g, want %g", what, name, v[0], v[1])
		}
	}
}

// Shares and errors are those of the definition, every image left out in turn and all ranked anew.
func TestCensusByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		images, each := rapid.IntRange(3, 8).Draw(t, "images"), rapid.IntRange(1, 4).Draw(t, "patches of each")
		classes, k := rapid.IntRange(1, 3).Draw(t, "classes"), rapid.IntRange(1, 9).Draw(t, "k")
		c := newCloud(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)), images, each, classes)
		got, err := c.census(k, each).agreement(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got.Patches != len(c.image) || got.Images != images || got.K != k {
			t.Errorf("%d patches of %d images, %d nearest: want %d, %d, %d", got.Patches, got.Images, got.K, len(c.image), images, k)
		}
		own := func(i, j int) bool { return c.image[i] == c.image[j] }
		class := func(i, j int) bool { return c.class[i] == c.class[j] }
		apart := func(i, j int) bool { return !own(i, j) || !c.overlap[i][j] }
		image := c.shares(k, apart, own)
		if (got.Image == nil) != (image.Chance == 0) {
			t.Fatalf("shares of the image are %v, by chance %g", got.Image, image.Chance)
		}
		if got.Image != nil {
			sameShares(t, "image", got.Image, image)
		}
		if (got.Class == nil) != (classes == 1) || (got.ClassWithOwn == nil) != (classes == 1) {
			t.Fatalf("%d classes, and shares of them %v, %v", classes, got.Class, got.ClassWithOwn)
		}
		if classes > 1 {
			sameShares(t, "class", got.Class, c.shares(k, func(i, j int) bool { return !own(i, j) }, class))
			sameShares(t, "class with own", got.ClassWithOwn, c.shares(k, apart, class))
		}
	})
}

// drawnCensus is of images drawn at random, with a few patches that lie near each other, of one of four classes each; between is how
// far apart the classes are.
func drawnCensus(rng *rand.Rand, between float64) *census {
	const images, each, k, classes = 40, 6, 5, 4
	c := &census{k: k, overlap: func(int, int) bool { return false }}
	var place [][2]float64
	for im := range images {
		class := rng.IntN(classes)
		centre := [2]float64{rng.NormFloat64() + between*float64(class%2), rng.NormFloat64() + between*float64(class/2)}
		for range each {
			place = append(place, [2]float64{centre[0] + 0.3*rng.NormFloat64(), centre[1] + 0.3*rng.NormFloat64()})
			c.image, c.class = append(c.image, im), append(c.class, class)
		}
	}
	for _, a := range place {
		nearness := make([]float64, len(place))
		for j, b := range place {
			nearness[j] = -math.Hypot(a[0]-b[0], a[1]-b[1])
		}
		near := largest(nearness, k+2*each)
		for s := range c.near {
			c.near[s] = append(c.near[s], near)
		}
	}
	return c
}

// Over 200 drawings, labels that have nothing to do with places are met as often as by chance, and shares spread by
// no more than the error, as Efron and Stein proved of jackknives, and not by much less: by 0.71 of it where all that
// a share depends on is pairs, as at random. An error that took patches for independent would be too small.
func TestErrorBoundsTheSpread(t *testing.T) {
	const trials = 200
	for _, between := range []float64{0, 2} {
		var values, above, errors, plain float64
		off := make([]float64, trials)
		for i := range off {
			a, err := drawnCensus(rand.New(rand.NewPCG(uint64(i), 5)), between).agreement(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s := a.Class
			off[i] = s.Signal.Value - s.Chance
			values += off[i] / trials
			errors += s.Signal.Error * s.Signal.Error / trials
			plain += s.Signal.Value * (1 - s.Signal.Value) / float64(a.K*a.Patches) / trials
			if s.Gain != (Estimate{}) {
				t.Fatalf("two equal spaces differ by %v", s.Gain)
			}
		}
		for _, v := range off {
			above += (v - values) * (v - values) / (trials - 1)
		}
		if between == 0 && math.Abs(values) > 3*math.Sqrt(above/trials) {
			t.Errorf("labels at random are met more often than by chance by %.4f, in %d drawings that spread by %.4f", values, trials, math.Sqrt(above))
		}
		if ratio := math.Sqrt(above / errors); ratio < 0.6 || ratio > 1.05 {
			t.Errorf("classes %g apart: shares spread by %.2f of the error", between, ratio)
		}
		if ratio := math.Sqrt(above / plain); ratio < 1.5 {
			t.Errorf("classes %g apart: shares spread by %.2f of an error of independent patches, which shows nothing", between, ratio)
		}
	}
}
