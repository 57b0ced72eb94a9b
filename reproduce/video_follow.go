package reproduce

import (
	"math"
	"slices"
)

// follows correlates the first coordinates of embeddings of frames with what is seen in them: how bright a frame
// is; how much of it moves, the mean size of its difference from the frame before; and how much is in front, the
// mean size of its difference from the background, which is each pixel's median over time.
func follows(embedded []float32, dim int, pix []uint8, size int) []Follow {
	n := len(pix) / size
	background := make([]uint8, size)
	column := make([]uint8, n)
	for k := range background {
		for t := range n {
			column[t] = pix[t*size+k]
		}
		slices.Sort(column)
		background[k] = column[n/2]
	}
	var bright, moving, front []float64
	for t := range n {
		frame := pix[t*size : (t+1)*size]
		before := pix[max(0, t-1)*size:][:size]
		var b, m, f float64
		for k, v := range frame {
			b += float64(v)
			m += math.Abs(float64(v) - float64(before[k]))
			f += math.Abs(float64(v) - float64(background[k]))
		}
		bright, moving, front = append(bright, b), append(moving, m), append(front, f)
	}
	moving[0] = moving[min(1, n-1)] // there is no frame before the first one
	var all []Follow
	for j := range min(slowest, dim) {
		var x []float64
		for t := range n {
			x = append(x, float64(embedded[t*dim+j]))
		}
		all = append(all, Follow{j, correlation(x, bright), correlation(x, moving), correlation(x, front)})
	}
	return all
}

// correlation is Pearson's, and 0 where something does not vary.
func correlation(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	var xx, xy, yy float64
	for i := range x {
		xx += (x[i] - mx) * (x[i] - mx)
		xy += (x[i] - mx) * (y[i] - my)
		yy += (y[i] - my) * (y[i] - my)
	}
	const rounding = 1e-20
	if n := float64(len(x)); xx <= rounding*n*mx*mx || yy <= rounding*n*my*my {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}
