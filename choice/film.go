package choice

import (
	"context"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/parallel"
)

const (
	filmNames = 1000 // names that are read with the next, or some more
	filmPairs = 64   // of an image and the next that are looked at
	leastFilm = 24   // images, of which film has more

	// alike is how far apart a frame and the next are at the most, of how far any two are. Films come to 0.07 to 0.18, and
	// folders of other images to 0.29 to 1.00 ("Settings from the images" in docs/research).
	alike = 0.25
)

// Film reports whether images are named and look like frames of film: nine in ten are numbered one more than the one
// before, and an image is much nearer to the next than to any other.
func Film(ctx context.Context, src dataset.Source) (bool, error) {
	if src.Len() < leastFilm {
		return false, nil
	}
	inRow, read := 0, 0
	for i := 0; i < src.Len()-1; i += max(1, src.Len()/filmNames) {
		if follows(src.ID(i), src.ID(i+1)) {
			inRow++
		}
		read++
	}
	if 10*inRow < 9*read {
		return false, nil
	}
	step, err := Step(ctx, src)
	return step < alike, err
}

// Step is how far an image is from the next, of how far it is from any other: both in the median of some images of src, of which
// there have to be two.
func Step(ctx context.Context, src dataset.Source) (float64, error) {
	rng := rand.New(rand.NewPCG(Seed, 0))
	n := min(filmPairs, src.Len()-1)
	first, other := make([]int, n), make([]int, n)
	for k := range first {
		first[k], other[k] = rng.IntN(src.Len()-1), rng.IntN(src.Len())
	}
	next, all := make([]float64, n), make([]float64, n)
	err := parallel.ForErr(ctx, n, func(_, k int) error {
		var pix [3][]uint8
		for v, i := range [3]int{first[k], first[k] + 1, other[k]} {
			pix[v] = make([]uint8, src.Shape().Len())
			if err := src.Image(i, pix[v]); err != nil {
				return err
			}
		}
		next[k], all[k] = apart(pix[0], pix[1]), apart(pix[0], pix[2])
		return nil
	})
	if err != nil || median(all) == 0 {
		return 1, err // images that are all the same are no film
	}
	return median(next) / median(all), nil
}

// numbered is a name with its last number.
var numbered = regexp.MustCompile(`^(.*?)(\d+)(\D*)$`)

// follows reports whether b is a with a number that is one more.
func follows(a, b string) bool {
	x, y := numbered.FindStringSubmatch(a), numbered.FindStringSubmatch(b)
	if x == nil || y == nil || x[1] != y[1] || x[3] != y[3] {
		return false
	}
	m, errM := strconv.ParseUint(x[2], 10, 64)
	n, errN := strconv.ParseUint(y[2], 10, 64)
	return errM == nil && errN == nil && n == m+1
}

// apart is the mean difference of two images' values.
func apart(a, b []uint8) float64 {
	sum := 0
	for i := range a {
		sum += max(int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return float64(sum) / float64(max(1, len(a)))
}

// median is the middle one of x, the upper one of two.
func median(x []float64) float64 { return slices.Sorted(slices.Values(x))[len(x)/2] }
