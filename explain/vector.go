package explain

import "math"

func dot[T, U float32 | float64](x []T, y []U) (sum float64) {
	for i, v := range x {
		sum += float64(v) * float64(y[i])
	}
	return sum
}

// Cosine is that of x and y, 0 where one of them is zero.
func Cosine(x, y []float32) float64 {
	xx, yy := dot(x, x), dot(y, y)
	if xx == 0 || yy == 0 {
		return 0
	}
	return dot(x, y) / math.Sqrt(xx*yy)
}

// toUnit scales x to unit length and returns the length it had; zero stays zero.
func toUnit[T float32 | float64](x []T) float64 {
	n := math.Sqrt(dot(x, x))
	if n > 0 {
		for i := range x {
			x[i] = T(float64(x[i]) / n)
		}
	}
	return n
}

// row is row i of rows of n values.
func row[T any](x []T, i, n int) []T { return x[i*n : (i+1)*n] }
