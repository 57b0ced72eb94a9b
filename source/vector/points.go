package vector

import (
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Points are rows of numbers, in float32.
type Points struct {
	Dim int       // values of a point
	X   []float32 // n × Dim, row-major

	columns []spread // of the values that were read, before they were float32; nil where none were
}

// N is the number of points.
func (p *Points) N() int { return len(p.X) / p.Dim }

// Row is point i.
func (p *Points) Row(i int) []float32 { return p.X[i*p.Dim : (i+1)*p.Dim : (i+1)*p.Dim] }

// MaxSize is the largest size of a value: squares of distances of points of a million such
// values still are float32.
const MaxSize = 1e15

// Check reports what is no point: a value that is no number, infinite or larger than
// MaxSize, by its row and column.
func (p *Points) Check() error {
	if p.Dim < 1 || len(p.X)%p.Dim != 0 {
		return fmt.Errorf("%s in rows of %d: want whole rows of at least 1", plural.Of(len(p.X), "value"), p.Dim)
	}
	for i, v := range p.X {
		if err := checkValue(float64(v), i/p.Dim, i%p.Dim); err != nil {
			return err
		}
	}
	return nil
}

func checkValue(v float64, row, column int) error {
	switch {
	case math.IsNaN(v):
		return fmt.Errorf("row %d, column %d (from 0) is NaN: want a number; leave the row out or fill it in", row, column)
	case math.IsInf(v, 0):
		return fmt.Errorf("row %d, column %d (from 0) is infinite: want a number", row, column)
	case math.Abs(v) > MaxSize:
		return fmt.Errorf("row %d, column %d (from 0) is %g: want at most %g in size; scale the column", row, column, v, MaxSize)
	}
	return nil
}
