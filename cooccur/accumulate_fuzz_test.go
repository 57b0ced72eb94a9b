package cooccur

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/rapidtest"
)

// Whatever codes there are, the spans that the kernels are given are of the codes, and
// sums are as defined.
func FuzzAccumulate(f *testing.F) { rapidtest.Fuzz(f, statisticsAgree) }

func FuzzAccumulatePacked(f *testing.F) {
	dir := f.TempDir()
	rapidtest.Fuzz(f, func(t *rapid.T) { packedInAnyOrder(t, dir) })
}
