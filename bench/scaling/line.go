package main

import "math"

// line is the straight line nearest to the points, by least squares.
func line(x, y []float64) (slope, intercept float64) {
	mx, my := mean(x), mean(y)
	var xx, xy float64
	for i := range x {
		xx += (x[i] - mx) * (x[i] - mx)
		xy += (x[i] - mx) * (y[i] - my)
	}
	slope = xy / xx
	return slope, my - slope*mx
}

// determination is r², the share of the variance of y that the line explains.
func determination(x, y []float64) float64 {
	slope, intercept := line(x, y)
	my := mean(y)
	var left, all float64
	for i := range x {
		d := y[i] - (slope*x[i] + intercept)
		left += d * d
		all += (y[i] - my) * (y[i] - my)
	}
	return 1 - left/all
}

func mean(x []float64) (m float64) {
	for _, v := range x {
		m += v / float64(len(x))
	}
	return m
}

func logs(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.Log(v)
	}
	return out
}
