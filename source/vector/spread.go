package vector

import (
	"fmt"
	"math"
)

// MinSpread is the least that points may vary by in the column that varies most: squares of a ten-thousandth of
// it still are float32.
const MinSpread = 1e-12

// mostLost is the part of the points' spread that values may lose when they become float32.
const mostLost = 1e-4

// spread is what there was in a column, in float64.
type spread struct {
	low, high float64
	lost      float64 // the most that a value lost when it became float32
}

func newSpreads(columns int) []spread {
	all := make([]spread, columns)
	for i := range all {
		all[i] = spread{low: math.Inf(1), high: math.Inf(-1)}
	}
	return all
}

// narrow is v as a float32, and counted.
func (s *spread) narrow(v float64) float32 {
	x := float32(v)
	if v < s.low {
		s.low = v
	}
	if v > s.high {
		s.high = v
	}
	if lost := math.Abs(float64(x) - v); lost > s.lost {
		s.lost = lost
	}
	return x
}

// CheckSpread reports points that float32 cannot tell apart: a column of a file whose values lost more than
// 1 part in 10,000 of the points' spread, which is that of the column that varies most, when they were read;
// and points that vary by less than MinSpread. Points that are all equal pass.
func (p *Points) CheckSpread() error {
	columns := p.columns
	if columns == nil {
		columns = newSpreads(p.Dim)
		for i, v := range p.X {
			columns[i%p.Dim].narrow(float64(v))
		}
	}
	most, worst := 0.0, 0
	for j, c := range columns {
		most = max(most, c.high-c.low)
		if c.lost > columns[worst].lost {
			worst = j
		}
	}
	switch c := columns[worst]; {
	case most == 0:
	case most < MinSpread:
		return fmt.Errorf("values vary by %.3g at the most in a column: want at least %g; scale them", most, MinSpread)
	case c.lost > mostLost*most:
		return fmt.Errorf("column %d (from 0) varies by %.3g about %.6g, which float32 cannot hold: centre it first", worst, c.high-c.low, c.low+(c.high-c.low)/2)
	}
	return nil
}
