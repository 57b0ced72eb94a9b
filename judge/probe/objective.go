package probe

import (
	"math"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// objective is mean cross-entropy + strength/2·‖W‖², of the rows that count.
//
// Its parameters are one vector: W, k × stride, then b. The logits, which the softmax is of, are linear in the
// parameters. So a step along a direction adds a multiple of the direction's own logits, and a whole search along it
// costs one pass through the rows.
type objective struct {
	rows     *rows     // scaled by 1/s, not centred
	mean     []float32 // stride values
	k        int
	class    []int32 // of each row
	count    []bool  // of each row, whether it counts
	n        int     // how many rows count
	strength float64
}

// countAll makes all rows count.
func (o *objective) countAll() {
	for i := range o.count {
		o.count[i] = true
	}
	o.n = len(o.count)
}

// size is the length of a vector of parameters.
func (o *objective) size() int { return o.k * (o.rows.stride + 1) }

// split returns W and b of a vector of parameters.
func (o *objective) split(p []float32) (w, b []float32) {
	return p[:o.k*o.rows.stride], p[o.k*o.rows.stride:]
}

// logits writes W·(x − mean) + b of all rows to z, n × k.
func (o *objective) logits(p, z []float32) {
	w, b := o.split(p)
	o.rows.products(w, o.k, z)
	offset := make([]float32, o.k)
	for c := range offset {
		offset[c] = float32(float64(b[c]) - dot(w[c*o.rows.stride:(c+1)*o.rows.stride], o.mean))
	}
	for i := 0; i < len(z); i += o.k {
		for c, v := range offset {
			z[i+c] += v
		}
	}
}

// gradient writes to g the gradient at parameters p, whose logits are z.
func (o *objective) gradient(p, z, g []float32) {
	residuals := make([]float32, len(z))
	o.pieces(func(first, end int, _ *[3]float64) {
		e := make([]float64, o.k)
		for i := first; i < end; i++ {
			if !o.count[i] {
				continue
			}
			total, _ := softmax(z[i*o.k:(i+1)*o.k], e)
			for c, v := range e {
				p := v / total
				if c == int(o.class[i]) {
					p--
				}
				residuals[i*o.k+c] = float32(p / float64(o.n))
			}
		}
	})
	w, _ := o.split(p)
	gw, gb := o.split(g)
	o.rows.sums(residuals, o.k, gw)
	for c := range o.k {
		var sum float64
		for i := c; i < len(residuals); i += o.k {
			sum += float64(residuals[i])
		}
		gb[c] = float32(sum)
		row := gw[c*o.rows.stride : (c+1)*o.rows.stride]
		for j, m := range o.mean {
			row[j] += float32(o.strength*float64(w[c*o.rows.stride+j]) - sum*float64(m))
		}
	}
}

// along returns the objective at p + a·d and its first and second derivative by a,
// where z and zd are the logits of p and of d.
func (o *objective) along(p, d, z, zd []float32, a float64) (value, slope, curve float64) {
	sums := o.pieces(func(first, end int, sums *[3]float64) {
		y, e := make([]float32, o.k), make([]float64, o.k)
		for i := first; i < end; i++ {
			if !o.count[i] {
				continue
			}
			dz := zd[i*o.k : (i+1)*o.k]
			for c, v := range z[i*o.k : (i+1)*o.k] {
				y[c] = v + float32(a)*dz[c]
			}
			total, largest := softmax(y, e)
			var mean, square float64
			for c, v := range e {
				x := float64(dz[c])
				mean += v * x
				square += v * x * x
			}
			mean /= total
			own := o.class[i]
			sums[0] += math.Log(total) + largest - float64(y[own])
			sums[1] += mean - float64(dz[own])
			sums[2] += square/total - mean*mean
		}
	})
	n := float64(o.n)
	w, _ := o.split(p)
	wd, _ := o.split(d)
	ww, wdd, dd := dot(w, w), dot(w, wd), dot(wd, wd)
	value = sums[0]/n + o.strength/2*(ww+2*a*wdd+a*a*dd)
	slope = sums[1]/n + o.strength*(wdd+a*dd)
	curve = sums[2]/n + o.strength*dd
	return value, slope, curve
}

// softmax writes exp(z − largest) to e and returns their sum and the largest.
func softmax(z []float32, e []float64) (total, largest float64) {
	largest = float64(z[0])
	for _, v := range z {
		largest = max(largest, float64(v))
	}
	for c, v := range z {
		e[c] = math.Exp(float64(v) - largest)
		total += e[c]
	}
	return total, largest
}

// heldOut returns how the rows that do not count are classified: the share that is right, and their mean
// cross-entropy.
func (o *objective) heldOut(z []float32) (accuracy, entropy float64) {
	sums := o.pieces(func(first, end int, sums *[3]float64) {
		e := make([]float64, o.k)
		for i := first; i < end; i++ {
			if o.count[i] {
				continue
			}
			y := z[i*o.k : (i+1)*o.k]
			total, largest := softmax(y, e)
			own := o.class[i]
			if best(y) == int(own) {
				sums[0]++
			}
			sums[1] += math.Log(total) + largest - float64(y[own])
		}
	})
	n := float64(len(o.class) - o.n)
	return sums[0] / n, sums[1] / n
}

// pieceRows is the number of rows that a piece of work on logits takes.
const pieceRows = 512

// pieces calls f for all rows, some at a time, and returns the totals of the sums that f makes.
func (o *objective) pieces(f func(first, end int, sums *[3]float64)) (total [3]float64) {
	n := len(o.class)
	parts := make([][3]float64, (n+pieceRows-1)/pieceRows)
	parallel.For(len(parts), func(_, p int) { f(p*pieceRows, min(n, (p+1)*pieceRows), &parts[p]) })
	for _, part := range parts {
		for i, v := range part {
			total[i] += v
		}
	}
	return total
}
