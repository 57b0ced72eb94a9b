package draw

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/plural"
)

// frame is where charts of the usual size have their axes.
func frame(width, height float64) (x, y Axis) {
	return Axis{From: 46, To: width - 12}, Axis{From: height - 40, To: 30}
}

func index(n int) []float64 {
	at := make([]float64, n)
	for i := range at {
		at[i] = float64(i + 1)
	}
	return at
}

func places(a Axis, values []float64) []float64 {
	at := make([]float64, len(values))
	for i, v := range values {
		at[i] = a.At(v)
	}
	return at
}

// Whitening draws the variances of the patches along their principal components,
// before whitening and after.
func Whitening(w *explain.Whitening) *Chart {
	c := NewChart(460, 270, fmt.Sprintf("The variance of patches along their %s falls from %s to %s; after whitening it is nearly flat until it falls below epsilon.",
		plural.Of(w.Dim, "principal component"), Number(round(w.Variances[0])), Number(round(w.Variances[w.Dim-1]))))
	x, y := frame(c.Width, c.Height)
	// What centring takes away has no variance, but for rounding, and no place on a
	// logarithmic axis.
	n := w.Dim
	for n > 1 && w.Variances[n-1] < 1e-7*w.Variances[0] {
		n--
	}
	variances, after := w.Variances[:n], make([]float64, n)
	for i, v := range variances {
		after[i] = v * w.Gains[i] * w.Gains[i]
	}
	x.Min, x.Max = 1, float64(max(2, w.Dim))
	y.Log = true
	y.Min = math.Pow(10, math.Floor(math.Log10(variances[n-1])))
	y.Max = math.Pow(10, math.Ceil(math.Log10(math.Max(1, variances[0]))))
	c.Axes(x, y, "principal component", "variance")
	at := places(x, index(n))
	c.Path("line warm", at, places(y, variances))
	c.Path("line", at, places(y, after))
	label := n / 3
	c.Text("warmtext", at[label]+4, y.At(variances[label])-8, "of patches")
	c.Text("coldtext", at[label]+4, y.At(after[label])-8, "whitened")
	return c
}

func round(v float64) float64 {
	if v == 0 {
		return 0
	}
	e := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-1)
	return math.Round(v/e) * e
}

// Active draws how many patches have how many active atoms.
func Active(s *explain.Sample) *Chart {
	c := NewChart(460, 250, fmt.Sprintf("Histogram of the number of active atoms of a patch, with a mean of %.1f.", s.MeanActive()))
	x, y := frame(c.Width, c.Height)
	// The last thousandth is left out of the picture: a few patches have very many.
	last, seen, all := len(s.Active)-1, 0, 0
	for _, n := range s.Active {
		all += n
	}
	for k, n := range s.Active {
		if seen += n; seen*1000 >= all*999 {
			last = k
			break
		}
	}
	width := max(1, (last+60)/60) // bars
	bars := make([]float64, last/width+1)
	most := 0.0
	for k, n := range s.Active {
		if k <= last {
			bars[k/width] += 100 * float64(n) / float64(max(1, all))
			most = math.Max(most, bars[k/width])
		}
	}
	x.Min, x.Max, y.Max = 0, float64(len(bars)*width), most
	c.Axes(x, y, "active atoms", "% of patches")
	step := (x.To - x.From) / float64(len(bars))
	for k, v := range bars {
		c.Rect("bar", x.From+float64(k)*step+0.5, y.At(v), step-1, y.From-y.At(v))
	}
	mean := x.At(s.MeanActive())
	c.Line("ring dash", mean, y.From, mean, y.To)
	c.Text("name", mean+5, y.To+4, fmt.Sprintf("mean %.1f", s.MeanActive()))
	return c
}

// Usage draws how often each atom is active, the most used first.
func Usage(s *explain.Sample) *Chart {
	c := NewChart(460, 250, fmt.Sprintf("How often each of %s atoms is active, the most used first; %d are never active in the sample.", Number(float64(len(s.Usage))), s.Dead()))
	x, y := frame(c.Width, c.Height)
	var used []float64
	for _, n := range s.Usage {
		if n > 0 {
			used = append(used, 100*float64(n)/float64(max(1, s.Coded)))
		}
	}
	slices.SortFunc(used, func(a, b float64) int { return cmp.Compare(b, a) })
	if len(used) == 0 {
		return c
	}
	x.Min, x.Max = 1, float64(max(2, len(s.Usage)))
	y.Log = true
	y.Min = math.Pow(10, math.Floor(math.Log10(used[len(used)-1])))
	y.Max = math.Pow(10, math.Ceil(math.Log10(used[0])))
	c.Axes(x, y, "atoms, the most used first", "% of patches an atom is active in")
	xs, ys := thin(places(x, index(len(used))), places(y, used), 400)
	c.Area("area", xs, ys, y.From)
	c.Path("line", xs, ys)
	return c
}

// thin keeps about n of many points of a line, the last among them.
func thin(xs, ys []float64, n int) (tx, ty []float64) {
	step := max(1, len(xs)/n)
	for i := 0; i < len(xs); i += step {
		tx, ty = append(tx, xs[i]), append(ty, ys[i])
	}
	if last := len(xs) - 1; last%step != 0 {
		tx, ty = append(tx, xs[last]), append(ty, ys[last])
	}
	return tx, ty
}

// Smoothness draws the eigenvalues, on a chart so wide: those of the coordinates
// dropped, if they are known, those kept, and what each coordinate came to over a
// sample, if measured.
func Smoothness(width float64, dropped, kept []float64, skip int, measured []float64) *Chart {
	c := NewChart(width, 300, fmt.Sprintf("The %s kept, from %.3g to %.3g, after %d dropped.", plural.Of(len(kept), "eigenvalue"), kept[0], kept[len(kept)-1], skip))
	x, y := frame(c.Width, c.Height)
	n := skip + len(kept)
	lowest := kept[0]
	if len(dropped) > 0 {
		lowest = dropped[0]
	}
	for _, v := range measured {
		lowest = math.Min(lowest, v)
	}
	highest := kept[len(kept)-1]
	for _, v := range measured {
		highest = math.Max(highest, v)
	}
	x.Min, x.Max = 1, float64(max(2, n))
	y.Min, y.Max = math.Max(0, lowest-0.05*(highest-lowest)), highest+0.03*(highest-lowest)
	if y.Min < 0.25*y.Max {
		y.Min = 0
	}
	if skip > 0 {
		edge := x.At(float64(skip) + 0.5)
		c.Rect("wash", x.From, y.To, edge-x.From, y.From-y.To)
	}
	name := "eigenvalue λ"
	if measured != nil {
		name = "eigenvalue λ, and over the sample"
	}
	c.Axes(x, y, "coordinate, from smooth to rough", name)
	number := index(n)
	c.Area("area", places(x, number[skip:]), places(y, kept), y.From)
	if len(dropped) > 0 {
		c.Path("line warm", places(x, number[:skip]), places(y, dropped))
	}
	c.Path("line", places(x, number[skip:]), places(y, kept))
	for j, v := range measured {
		c.Dot("dot", x.At(number[skip+j]), y.At(v), 1.4, "")
	}
	if skip > 0 {
		edge := x.At(float64(skip) + 0.5)
		c.Line("ring dash", edge, y.From, edge, y.To-4)
		c.Text("name", edge+5, y.To+6, fmt.Sprintf("%d dropped before this line (skip)", skip))
	}
	if measured == nil {
		c.Text("name end", x.To, y.At(kept[len(kept)-1])-8, fmt.Sprintf("d = %d kept", len(kept)))
	}
	return c
}
