package spectral

import (
	"errors"

	"gonum.org/v1/gonum/mat"
)

// ErrDependent says that forms are not independent under V.
var ErrDependent = errors.New("spectral: coordinates depend on one another under V")

// dependent is a condition of PVPᵀ beyond which rounding decides what float64 finds.
const dependent = 1e10

// InSpan solves the problem in the span of k forms p, in float64. v and l are PVPᵀ and PLPᵀ, k × k. Row i of the weights,
// k × k too, says of which combination of the forms values[i] is the eigenvalue; values are sorted. Signs are those of
// the forms: the weight of largest size is positive. The error is ErrDependent if the forms are not independent under V.
func InSpan(v, l []float64, k int) (values, weights []float64, err error) {
	var c mat.Cholesky
	if !c.Factorize(symmetric(v, k)) || c.Cond() > dependent {
		return nil, nil, ErrDependent
	}
	var factor mat.TriDense
	c.LTo(&factor)
	var inverse mat.TriDense
	if err := inverse.InverseTri(&factor); err != nil {
		return nil, nil, ErrDependent
	}
	var a mat.Dense
	a.Product(&inverse, symmetric(l, k), inverse.T())
	values, u, err := eigenSym(symmetric(a.RawMatrix().Data, k))
	if err != nil {
		return nil, nil, err
	}
	var w mat.Dense
	w.Mul(u.T(), &inverse)
	for i := range k {
		row, largest := w.RawRowView(i), 0.0
		for _, x := range row {
			if x*x > largest*largest {
				largest = x
			}
		}
		if largest < 0 {
			for j := range row {
				row[j] = -row[j]
			}
		}
	}
	return values, w.RawMatrix().Data, nil
}

// symmetric is the symmetric part of a k × k matrix.
func symmetric(m []float64, k int) *mat.SymDense {
	s := mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			s.SetSym(i, j, (m[i*k+j]+m[j*k+i])/2)
		}
	}
	return s
}
