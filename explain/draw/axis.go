package draw

import (
	"math"
	"strconv"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Axis maps values to places on a chart.
type Axis struct {
	Min, Max float64 // values
	From, To float64 // where they lie
	Log      bool
}

// At is where a value lies.
func (a Axis) At(v float64) float64 {
	low, high := a.Min, a.Max
	if a.Log {
		v, low, high = math.Log(max(v, a.Min)), math.Log(low), math.Log(high)
	}
	if high == low {
		return (a.From + a.To) / 2
	}
	return a.From + (v-low)/(high-low)*(a.To-a.From)
}

// Ticks are round values, about n of them.
func (a Axis) Ticks(n int) []float64 {
	if a.Log {
		return a.decades(n)
	}
	span := a.Max - a.Min
	if !(span > 0) {
		return []float64{a.Min}
	}
	step := math.Pow(10, math.Floor(math.Log10(span/float64(n))))
	for _, m := range []float64{1, 2, 5, 10} {
		if span/(step*m) <= float64(n) {
			step *= m
			break
		}
	}
	var ticks []float64
	for k := math.Ceil(a.Min/step - 1e-9); k*step <= a.Max+1e-9*span; k++ {
		ticks = append(ticks, k*step)
	}
	return ticks
}

func (a Axis) decades(n int) []float64 {
	low, high := math.Ceil(math.Log10(a.Min)-1e-9), math.Floor(math.Log10(a.Max)+1e-9)
	step := math.Max(1, math.Ceil((high-low)/float64(n)))
	var ticks []float64
	for e := low; e <= high; e += step {
		ticks = append(ticks, math.Pow(10, e))
	}
	return ticks
}

// Number writes a value shortly: thousands apart, small ones with as few digits
// as tell neighbouring ticks apart.
func Number(v float64) string {
	v += 0 // not −0
	switch a := math.Abs(v); {
	case a >= 1e3 && a < 1e7 && v == math.Trunc(v):
		return plural.Apart(int(v))
	case a > 0 && a < 1e-3, a >= 1e7:
		return power(v)
	default:
		return strconv.FormatFloat(math.Round(v*1e6)/1e6+0, 'f', -1, 64)
	}
}

// power writes 0.00001 as 10⁻⁵.
func power(v float64) string {
	e := math.Floor(math.Log10(math.Abs(v)) + 1e-9)
	m := strconv.FormatFloat(v/math.Pow(10, e), 'g', 2, 64)
	s := "10" + superscript(int(e))
	if m == "1" {
		return s
	}
	return m + "·" + s
}

func superscript(n int) string {
	digits := []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")
	var out []rune
	for _, r := range strconv.Itoa(n) {
		if r == '-' {
			out = append(out, '⁻')
		} else {
			out = append(out, digits[r-'0'])
		}
	}
	return string(out)
}

// Axes draws grid lines, ticks and the names of two axes: the vertical one's
// above it, level, so that nobody has to turn the head.
func (c *Chart) Axes(x, y Axis, xName, yName string) {
	for _, v := range y.Ticks(5) {
		c.Line("grid", x.From, y.At(v), x.To, y.At(v))
		c.Text("end", x.From-7, y.At(v)+4, Number(v))
	}
	c.Line("axis", x.From, y.From, x.To, y.From)
	for _, v := range x.Ticks(6) {
		c.Line("axis", x.At(v), y.From, x.At(v), y.From+4)
		c.Text("middle", x.At(v), y.From+17, Number(v))
	}
	c.Text("", x.From-7, y.To-12, yName)
	c.Text("end", x.To, y.From+33, xName)
}
