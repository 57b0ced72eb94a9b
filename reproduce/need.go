package reproduce

import (
	"fmt"
	"strings"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
)

// fits says what would fit if rows need more memory than there is.
func (r *runner) fits(rows []row) error {
	have := memory.Available().Bytes
	if have == 0 {
		return nil // the system does not tell
	}
	var large, fitting []string
	for _, w := range rows {
		im := r.images[w.data]
		shape, train := im.train.Shape(), im.train.Len()
		most := needJudging(w.members, train, im.test.Len(), shape)
		for _, m := range w.members {
			most = max(most, m.Config.FitMemory(shape, train, 0))
		}
		if most > have {
			large = append(large, fmt.Sprintf("%s, which takes about %s", w.name, gib(most)))
		} else {
			fitting = append(fitting, w.name)
		}
	}
	if large == nil {
		return nil
	}
	would := "none of the others would"
	if fitting != nil {
		would = "these do fit: " + strings.Join(fitting, " ")
	}
	return fmt.Errorf("reproduce: %s of memory are available, and these rows do not fit: %s; %s", gib(have), strings.Join(large, "; "), would)
}

// needJudging estimates the bytes that judging a row takes at the most.
func needJudging(members []member, train, test int, s dataset.Shape) int64 {
	var dim int64
	for _, m := range members {
		cells := func(pixels int) int64 { return int64((pixels-m.Config.Patch+1-m.Config.Pool)/m.Config.Stride + 2) }
		places := cells(s.Height) * cells(s.Width)
		if m.Config.Spectrum > 0 {
			places = min(places, int64(m.Config.Spectrum+1)*int64(m.Config.Spectrum+1)) // frequencies, a few too many
		}
		dim += places * int64(m.Config.Dims)
	}
	// Neighbours hold the test images as floats and bytes and, with hubs corrected, a sample
	// and a block of the bank that often; whitening its sample and the components; the
	// probe the bank as bytes. Go lets memory grow to twice what is held.
	const block = 2048
	held := max(5*int64(test)+4*int64(min(hubSample, train))+9*block, 4*int64(min(4*whitenTo, train)+whitenTo), int64(train))
	return 2*dim*held + 1<<29
}
