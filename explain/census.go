package explain

import (
	"context"
	"iter"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// census counts what the neighbours of patches have in common with them.
type census struct {
	image, class []int           // of each patch; a class below 0 is none
	near         [Stages][][]int // the nearest patches of each, nearest first
	k            int             // neighbours that count
	overlap      func(i, j int) bool
}

// question is which patches may be neighbours of a patch, and which of them count.
type question struct{ may, counts func(patch, other int) bool }

func (c *census) images() int {
	found := map[int]bool{}
	for _, im := range c.image {
		found[im] = true
	}
	return len(found)
}

// labelled says whether all patches have a class, and not all the same.
func (c *census) labelled() bool {
	differ := false
	for _, class := range c.class {
		if class < 0 {
			return false
		}
		differ = differ || class != c.class[0]
	}
	return differ
}

func (c *census) agreement(ctx context.Context) (*Agreement, error) {
	own := func(i, j int) bool { return c.image[i] == c.image[j] }
	class := func(i, j int) bool { return c.class[i] == c.class[j] }
	others := func(i, j int) bool { return !own(i, j) }
	apart := func(i, j int) bool { return !own(i, j) || !c.overlap(i, j) }

	a := &Agreement{Patches: len(c.image), Images: c.images(), K: c.k}
	var err error
	ask := func(q question) (s *Shares) {
		if err == nil {
			s, err = c.ask(ctx, q)
		}
		return s
	}
	if c.labelled() {
		a.Class = ask(question{others, class})
		a.ClassWithOwn = ask(question{apart, class})
	}
	a.Image = ask(question{apart, own})
	if err != nil {
		return nil, err
	}
	if a.Image.Chance == 0 {
		a.Image = nil
	}
	return a, nil
}

// ask answers a question in each space.
func (c *census) ask(ctx context.Context, q question) (*Shares, error) {
	n := len(c.image)
	all, chances := make([]int, n), make([]float64, n)
	for i := range all {
		all[i] = i
	}
	if err := parallel.ForErr(ctx, n, func(_, i int) error {
		chances[i] = c.score(q, i, all, n, nobody)
		return nil
	}); err != nil {
		return nil, err
	}
	var whole [Stages]float64
	var without [Stages][]float64
	if err := parallel.ForErr(ctx, Stages, func(_, s int) error {
		whole[s], without[s] = c.leaveOut(q, c.near[s])
		return nil
	}); err != nil {
		return nil, err
	}
	gain := make([]float64, len(without[Signal]))
	for i := range gain {
		gain[i] = without[Embedding][i] - without[Signal][i]
	}
	share := func(s Stage) Estimate { return Estimate{whole[s], jackknife(without[s])} }
	return &Shares{
		mean(chances), share(Signal), share(Code), share(Embedding),
		Estimate{whole[Embedding] - whole[Signal], jackknife(gain)},
	}, nil
}

// nobody is the image that is left out where none is.
const nobody = -1

// neighbours are the first k of near that may be neighbours of a patch and are not of the image left out.
func (c *census) neighbours(q question, patch int, near []int, k, without int) iter.Seq[int] {
	return func(yield func(other int) bool) {
		for _, other := range near {
			if other == patch || c.image[other] == without || !q.may(patch, other) {
				continue
			}
			if k--; !yield(other) || k == 0 {
				return
			}
		}
	}
}

// score is the share of the neighbours of a patch that count.
func (c *census) score(q question, patch int, near []int, k, without int) float64 {
	n, count := 0, 0
	for other := range c.neighbours(q, patch, near, k, without) {
		n++
		if q.counts(patch, other) {
			count++
		}
	}
	return float64(count) / float64(max(1, n))
}

// leaveOut is the mean score of all patches and, for each image, what the mean is without it: without its patches,
// and without them as neighbours of others, whose next nearest take their places.
func (c *census) leaveOut(q question, near [][]int) (whole float64, without []float64) {
	last := slices.Max(c.image)
	patches, change := make([]int, last+1), make([]float64, last+1)
	var sum float64
	for i, own := range c.image {
		score := c.score(q, i, near[i], c.k, nobody)
		sum += score
		patches[own]++
		change[own] -= score
		seen := []int{own}
		for other := range c.neighbours(q, i, near[i], c.k, nobody) {
			if im := c.image[other]; !slices.Contains(seen, im) {
				seen = append(seen, im)
				change[im] += c.score(q, i, near[i], c.k, im) - score
			}
		}
	}
	for im, n := range patches {
		if n > 0 {
			without = append(without, (sum+change[im])/float64(len(c.image)-n))
		}
	}
	return sum / float64(len(c.image)), without
}

// jackknife is the standard error of a statistic, of its values without each one of n independent parts: images,
// since patches of one image depend on each other. It is rather too large (Efron and Stein, The jackknife estimate of
// variance, 1981): for the shares of drawn sets, by a sixth to a half.
func jackknife(without []float64) float64 {
	n, centre := float64(len(without)), mean(without)
	var squares float64
	for _, v := range without {
		squares += (v - centre) * (v - centre)
	}
	return math.Sqrt(squares * (n - 1) / n)
}

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
