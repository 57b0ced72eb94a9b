package spectral

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
)

func float32s(m mat.Matrix) linalg.Matrix {
	rows, cols := m.Dims()
	out := linalg.New(rows, cols)
	for i := range rows {
		for j := range cols {
			out.Data[i*cols+j] = float32(m.At(i, j))
		}
	}
	return out
}

func symmetrize(a linalg.Matrix) {
	for i := range a.Rows {
		for j := range i {
			m := (a.At(i, j) + a.At(j, i)) / 2
			a.Data[i*a.RowStride+j], a.Data[j*a.RowStride+i] = m, m
		}
	}
}

// full is the solution of a small problem by a dense eigendecomposition, in float64.
func full(a linalg.Matrix, wanted func(values []float64) int) (*Solution, error) {
	values, vectors, err := eigen(a)
	if err != nil {
		return nil, err
	}
	k := wanted(values)
	return &Solution{Values: values[:k], Vectors: float32s(vectors.Slice(0, a.Rows, 0, k).T())}, nil
}

func eigen(a linalg.Matrix) ([]float64, *mat.Dense, error) {
	sym := mat.NewSymDense(a.Rows, nil)
	for i := range a.Rows {
		for j := i; j < a.Cols; j++ {
			sym.SetSym(i, j, float64(a.At(i, j)))
		}
	}
	return eigenSym(sym)
}

// eigenSym returns eigenvalues, smallest first, and eigenvectors, in columns.
func eigenSym(a *mat.SymDense) ([]float64, *mat.Dense, error) {
	var e mat.EigenSym
	if !e.Factorize(a, true) {
		return nil, nil, fmt.Errorf("spectral: the eigendecomposition of a %d × %[1]d matrix did not converge", a.SymmetricDim())
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	return e.Values(nil), &vectors, nil
}

func transposed(m linalg.Matrix) linalg.Matrix {
	t := linalg.New(m.Cols, m.Rows)
	copyTo(t, m.T())
	return t
}

// padded is a copy of m whose rows are whole blocks of 32 values apart, with
// zeros between, as the kernels want them.
func padded(m linalg.Matrix) linalg.Matrix {
	p := linalg.NewPadded(m.Rows, m.Cols)
	copyTo(p, m)
	return p
}

// aligned is m, or a padded copy if its rows are not whole blocks of 32 values apart.
func aligned(m linalg.Matrix) linalg.Matrix {
	if m.RowStride%32 == 0 {
		return m
	}
	return padded(m)
}

// copyTo copies tile by tile, so that rows and columns both stay in cache.
func copyTo(dst, src linalg.Matrix) {
	const side = 64
	tiles := (src.Rows + side - 1) / side
	parallel.For(tiles, func(_, t int) {
		for j0 := 0; j0 < src.Cols; j0 += side {
			for i := t * side; i < min((t+1)*side, src.Rows); i++ {
				row := dst.Data[i*dst.RowStride:]
				for j := j0; j < min(j0+side, src.Cols); j++ {
					row[j] = src.Data[i*src.RowStride+j*src.ColStride]
				}
			}
		}
	})
}

// fixSigns makes the largest component of every row positive. The sign of an eigenvector is arbitrary,
// and results should not be.
func fixSigns(m linalg.Matrix) {
	for i := range m.Rows {
		row := m.Row(i)
		best := 0
		for j, v := range row {
			if math.Abs(float64(v)) > math.Abs(float64(row[best])) {
				best = j
			}
		}
		if row[best] < 0 {
			for j := range row {
				row[j] = -row[j]
			}
		}
	}
}
