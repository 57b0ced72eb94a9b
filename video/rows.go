package video

import "math"

// Change is, of each value of rows of dim values in the order of time, what Measured.Change is of β: the mean squared
// step over twice the variance. It is 0 of a value that never moves. Without a dim of 1 or more there are none.
func Change(rows []float32, dim int) []float64 {
	if dim < 1 {
		return nil
	}
	n := len(rows) / dim
	out := make([]float64, dim)
	for j := range out {
		var mean, steps, deviations float64
		for t := range n {
			mean += float64(rows[t*dim+j]) / float64(n)
		}
		for t := range n {
			v := float64(rows[t*dim+j])
			deviations += (v - mean) * (v - mean)
			if t > 0 {
				step := v - float64(rows[(t-1)*dim+j])
				steps += step * step
			}
		}
		if deviations > 0 {
			out[j] = steps / float64(n-1) / (2 * deviations / float64(n))
		}
	}
	return out
}

// Turning is the mean angle, in degrees, between a step of a trajectory and the next one: of rows of dim values in
// the order of time, and steps of so many of them. It is 0 where nothing moves, where rows are too few for two steps, and
// where dim or step is less than 1.
func Turning(rows []float32, dim, step int) float64 {
	if dim < 1 || step < 1 {
		return 0
	}
	var sum, turns float64
	for t := step; t < len(rows)/dim-step; t++ {
		if angle, moves := turn(rows[(t-step)*dim:], rows[t*dim:], rows[(t+step)*dim:], dim); moves {
			sum, turns = sum+angle, turns+1
		}
	}
	return sum / max(1, turns) * 180 / math.Pi
}

// turn is the angle between the steps from a to b and from b to c, of n values. What rests does not turn.
func turn(a, b, c []float32, n int) (angle float64, turns bool) {
	var aa, ab, bb float64
	for k := range n {
		x, y := float64(b[k])-float64(a[k]), float64(c[k])-float64(b[k])
		aa, ab, bb = aa+x*x, ab+x*y, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0, false
	}
	return math.Acos(max(-1, min(1, ab/math.Sqrt(aa*bb)))), true
}
