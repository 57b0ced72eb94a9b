package video

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	videosource "github.com/sparse-manifold/smt/source/video"
)

// degrees is the angle between two steps, of vectors in float64.
func degrees(a, b, c []float64) float64 {
	var aa, ab, bb float64
	for k := range a {
		aa += (b[k] - a[k]) * (b[k] - a[k])
		ab += (b[k] - a[k]) * (c[k] - b[k])
		bb += (c[k] - b[k]) * (c[k] - b[k])
	}
	return math.Acos(max(-1, min(1, ab/math.Sqrt(aa)/math.Sqrt(bb)))) / math.Pi * 180
}

// What is measured is what the definitions say, of pixels, units, codes and β of each place by itself.
func TestMeasure(t *testing.T) {
	shape := dataset.Shape{Height: 8, Width: 11, Channels: 1}
	m := fit(t, drifting(t, shape, 7, 40, 30), small(shape))
	f := drifting(t, shape, 8, 14, 9)
	const step = 3
	got, err := m.Measure(context.Background(), f, step)
	if err != nil {
		t.Fatal(err)
	}
	dims, places := m.enc.cfg.Dims, m.enc.places.Len()
	source, err := m.enc.places.Of(f)
	if err != nil {
		t.Fatal(err)
	}
	var angles [4]float64
	var turns float64
	change, variance, steps, values := make([]float64, dims), make([]float64, dims), 0.0, 0.0
	for clip := range f.Clips() {
		n := f.ClipLen(clip)
		for place := range places {
			var rows [4][][]float64
			pixels := source.Pixels(clip*places+place, nil)
			for time := range n {
				var row [4][]float64
				for _, v := range pixels[time*m.enc.dict.Dim : (time+1)*m.enc.dict.Dim] {
					row[0] = append(row[0], float64(v))
				}
				x := units(t, m, f.ClipPixels(clip)[time*shape.Len():(time+1)*shape.Len()])[place]
				for _, v := range x {
					row[1] = append(row[1], float64(v))
				}
				row[2] = code(m, x, true)
				row[3] = make([]float64, dims)
				for a, v := range row[2] {
					for j := range row[3] {
						row[3][j] += v * float64(m.p.Row(a)[j])
					}
				}
				for k := range rows {
					rows[k] = append(rows[k], row[k])
				}
			}
			for time := step; time+step < n; time++ {
				turns++
				for k, r := range rows {
					angles[k] += degrees(r[time-step], r[time], r[time+step])
				}
			}
			for j := range dims {
				var mean float64
				for _, b := range rows[3] {
					mean += b[j] / float64(n)
				}
				for time, b := range rows[3] {
					variance[j] += (b[j] - mean) * (b[j] - mean)
					if time > 0 {
						change[j] += (b[j] - rows[3][time-1][j]) * (b[j] - rows[3][time-1][j])
					}
				}
			}
			values += float64(n)
			steps += float64(n - 1)
		}
	}
	for j, c := range got.Change {
		if want := change[j] / steps / (2 * variance[j] / values); math.Abs(c-want) > 1e-4*want {
			t.Errorf("coordinate %d changes by %g, want %g", j, c, want)
		}
	}
	c := got.Curvature
	for k, g := range []float64{c.Pixels, c.Units, c.Codes, c.Beta} {
		if want := angles[k] / turns; math.Abs(g-want) > 0.05 { // codes in 10 bits
			t.Errorf("curvature %d is %g degrees, want %g", k, g, want)
		}
	}
	for step, says := range map[int]string{0: "want at least 1", 7: "at most 6", math.MaxInt: "the longest, 0, has 14 frames"} {
		if _, err := m.Measure(context.Background(), f, step); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("steps of %d frames: error %v, want %q", step, err, says)
		}
	}
	if _, err := m.Measure(context.Background(), f, 6); err != nil {
		t.Errorf("steps of 6 frames in a clip of 14: %v", err)
	}
}

// What goes straight does not turn, what goes to and fro turns by 180 degrees, and independent rows by 120: steps
// b − a and c − b have the cosine −1/2.
func TestTurning(t *testing.T) {
	var straight, fro, random []float32
	rng := rand.New(rand.NewPCG(1, 16))
	for i := range 300 {
		straight = append(straight, float32(i), 2*float32(i), 7)
		fro = append(fro, float32(i%2), 0, float32(i%2))
	}
	for range 300 * 400 {
		random = append(random, float32(rng.NormFloat64()))
	}
	for _, c := range []struct {
		rows      []float32
		dim, step int
		want      float64
	}{{straight, 3, 1, 0}, {straight, 3, 5, 0}, {fro, 3, 1, 180}, {fro, 3, 2, 0}, {random, 400, 1, 120}, {random, 400, 7, 120}} {
		if got := Turning(c.rows, c.dim, c.step); math.Abs(got-c.want) > 1 {
			t.Errorf("%g degrees in steps of %d, want %g", got, c.step, c.want)
		}
	}
}

// A value that alternates changes by twice its variance at each step, one that is chance by once, and a ramp hardly.
func TestChange(t *testing.T) {
	var rows []float32
	rng := rand.New(rand.NewPCG(5, 16))
	const n = 4000
	for i := range n {
		rows = append(rows, float32(i%2), float32(rng.NormFloat64()), float32(i), 7)
	}
	for j, want := range []float64{2, 1, 6.0 / (n * n), 0} {
		if got := Change(rows, 4)[j]; math.Abs(got-want) > 0.05*want {
			t.Errorf("value %d changes by %g, want %g", j, got, want)
		}
	}
}

// Of frames in any order a step changes as much as chance: 1.
func TestChangeOfChance(t *testing.T) {
	shape := dataset.Shape{Height: 8, Width: 8, Channels: 1}
	f := drifting(t, shape, 9, 400)
	m := fit(t, f, small(shape))
	n := shape.Len()
	var pix []uint8
	for _, i := range rand.New(rand.NewPCG(3, 16)).Perm(f.Len()) {
		pix = append(pix, f.ClipPixels(0)[i*n:(i+1)*n]...)
	}
	shuffled, err := videosource.NewFrames(shape, pix)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		f         *videosource.Frames
		low, high float64
	}{{f, 0, 0.7}, {shuffled, 0.9, 1.1}} {
		got, err := m.Measure(context.Background(), c.f, 1)
		if err != nil {
			t.Fatal(err)
		}
		if x := got.MeanChange(); !(x >= c.low && x <= c.high) {
			t.Errorf("change %g, want %g to %g", x, c.low, c.high)
		}
	}
}

// Least squares give back what is linear in embeddings, and of what is not the share that a plain solution has.
func TestRegression(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 16))
	const n, dim = 500, 5
	var x []float32
	var known []float64
	for range n {
		row := make([]float64, dim)
		for j := range row {
			row[j] = rng.NormFloat64()
			x = append(x, float32(row[j]))
		}
		linear := 3 + 2*row[0] - row[4]
		known = append(known, linear, linear+math.Sqrt(5)*rng.NormFloat64(), rng.NormFloat64())
	}
	r, err := Regress(x[:400*dim], dim, known[:400*3], 3)
	if err != nil {
		t.Fatal(err)
	}
	got := r.R2(x[400*dim:], known[400*3:])
	if math.Abs(got[0]-1) > 1e-6 || math.Abs(got[1]-0.5) > 0.15 || math.Abs(got[2]) > 0.15 {
		t.Errorf("R² %.3f, want 1, about a half and about 0", got)
	}
	if _, err := Regress(x[:dim*dim], dim, known[:dim*3], 3); err == nil {
		t.Error("as many values as frames were taken")
	}
}
