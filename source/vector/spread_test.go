package vector

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// doubles are points of an .npy file in float64, of three columns that vary by 0, spread and 1, about 0.1, offset and 0.
func doubles(n int, offset, spread, scale float64) []byte {
	x := make([]float64, 0, 3*n)
	for i := range n {
		part := float64(i) / float64(n-1)
		x = append(x, 0.1*scale, (offset+spread*part)*scale, part*scale)
	}
	return npy(fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%d, 3), }\n", n), x)
}

// Values that float32 tells apart pass; where it does not, the column is named, whatever was read from.
func TestCheckSpread(t *testing.T) {
	type wide struct{ A, B float64 }
	type list struct {
		V []float64 `parquet:",list"`
	}
	var columns []wide
	var rows []list
	for i := range 10 {
		v := float64(i) / 9
		columns, rows = append(columns, wide{v, 1e9 + v}), append(rows, list{[]float64{v, 1e9 + v}})
	}
	for name, c := range map[string]struct {
		b    []byte
		says string // "" where nothing is lost
	}{
		"plain":            {doubles(50, 0, 1, 1), ""},
		"beside":           {doubles(50, 1000, 1, 1), ""},
		"noise":            {doubles(50, 1000, 1e-12, 1), ""}, // which tells no points apart beside the last column
		"equal":            {doubles(50, 0, 0, 0), ""},
		"large":            {doubles(50, 0, 1, 1e12), ""},
		"far":              {doubles(50, 1e9, 1, 1), "column 1 (from 0) varies by 1 about 1e+09, which float32 cannot hold: centre it first"},
		"far, a little":    {doubles(50, 2e4, 1, 1), "column 1 (from 0) varies by 1 about 20000.5"},
		"small":            {doubles(50, 0, 1, 1e-30), "values vary by 1e-30 at the most in a column: want at least 1e-12"},
		"small beyond it":  {doubles(50, 0, 1, 1e-60), "values vary by 1e-60"},
		"parquet, columns": {parquetFile(columns), "column 1 (from 0) varies by 1 about 1e+09"},
		"parquet, lists":   {parquetFile(rows), "column 1 (from 0) varies by 1 about 1e+09"},
	} {
		p, err := readBytes(c.b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err = p.CheckSpread(); c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: error %v, want %q", name, err, c.says)
		}
	}
	tiny := &Points{Dim: 1, X: []float32{0, 1e-20, 2e-20}} // of no file
	if err := tiny.CheckSpread(); err == nil {
		t.Error("points that vary by 2e-20 pass")
	}
	same := &Points{Dim: 1, X: []float32{math.Pi, math.Pi}}
	if err := same.CheckSpread(); err != nil {
		t.Errorf("equal points: %v", err)
	}
}
