package vectors

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/source/vector"
)

// eigenmaps are the first Laplacian eigenmaps of a graph after the constant, from their definition: the
// smallest solutions of (D − A)u = λDu for the graph of the k nearest, in float64. n × d.
func eigenmaps(p *vector.Points, k, d int) *mat.Dense {
	n := p.N()
	a := mat.NewSymDense(n, nil)
	for i := range n {
		order := make([]int, n)
		squares := make([]float64, n)
		for j := range n {
			order[j] = j
			for c := range p.Dim {
				x := float64(p.Row(i)[c]) - float64(p.Row(j)[c])
				squares[j] += x * x
			}
		}
		squares[i] = math.Inf(1)
		slices.SortFunc(order, func(x, y int) int {
			if squares[x] < squares[y] {
				return -1
			}
			return 1
		})
		for _, j := range order[:k] {
			a.SetSym(i, j, 1)
		}
	}
	degree := make([]float64, n)
	for i := range n {
		for j := range n {
			degree[i] += a.At(i, j)
		}
	}
	l := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			v := -a.At(i, j) / math.Sqrt(degree[i]*degree[j])
			if i == j {
				v++
			}
			l.SetSym(i, j, v)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(l, true) {
		panic("no eigenvectors")
	}
	var all mat.Dense
	eigen.VectorsTo(&all)
	u := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			u.Set(i, j, all.At(i, j+1)/math.Sqrt(degree[i]))
		}
	}
	return u
}

// angle is the largest principal angle between the spaces of the columns of x and y, less their means, in degrees.
func angle(x, y *mat.Dense) float64 {
	basis := func(x *mat.Dense) *mat.Dense {
		n, d := x.Dims()
		c := mat.NewDense(n, d, nil)
		for j := range d {
			mean := 0.0
			for i := range n {
				mean += x.At(i, j) / float64(n)
			}
			for i := range n {
				c.Set(i, j, x.At(i, j)-mean)
			}
		}
		var svd mat.SVD
		svd.Factorize(c, mat.SVDThin)
		var u mat.Dense
		svd.UTo(&u)
		return &u
	}
	var product mat.Dense
	product.Mul(basis(x).T(), basis(y))
	var svd mat.SVD
	svd.Factorize(&product, mat.SVDNone)
	values := svd.Values(nil)
	return math.Acos(min(1, values[len(values)-1])) * 180 / math.Pi
}

func dense(x []float32, d int) *mat.Dense {
	m := mat.NewDense(len(x)/d, d, nil)
	for i, v := range x {
		m.Set(i/d, i%d, float64(v))
	}
	return m
}
