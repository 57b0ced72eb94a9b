package explain

import (
	"math"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/dct/dcttest"
	"github.com/sparse-manifold/smt/pool/pooltest"
	"github.com/sparse-manifold/smt/sparse"
)

// Part by part, from the definition: what is lost when a patch, or an atom, is
// left out of the sums while all norms stay what they were.
func TestPairParts(t *testing.T) {
	for _, name := range []string{"photographs", "soft", "spectrum", "low frequencies", "components", "components of cells", "half the patches", "a quarter, cells", "a quarter of the patches"} {
		m := fitted(t, colour(120), variants()[name])
		slack := 1e-6
		if m.Config().Spectrum == 2 {
			slack = 1e-5 // of few values one is near 0, and the root divides what float32 rounds by it
		}
		a, _ := ImageOf(colour(9), 3)
		b, _ := ImageOf(colour(9), 6)
		query, err := Why(m, a, b)
		if err != nil {
			t.Fatal(err)
		}
		ofBank, err := Why(m, b, a)
		if err != nil {
			t.Fatal(err)
		}
		testPairParts(t, name+", of a query", m, a, b, slack, &query.A, 0, m.Config().Thin)
		testPairParts(t, name+", of the bank", m, a, b, slack, &ofBank.B, m.Config().Thin, 0)
	}
}

// testPairParts compares the side of image a, embedded by one patch in thin, with the definition. The other
// one, b, is embedded by one in thinB.
func testPairParts(t *testing.T, name string, m *smt.Model, a, b Image, slack float64, side *Side, thin, thinB int) {
	read := func(im Image) (*Reading, [][]float64) {
		r, err := Read(m, im.Source(), 0, true)
		if err != nil {
			t.Fatal(err)
		}
		return r, betas(m, &r.Codes)
	}
	ra, beta := read(a)
	_, betaB := read(b)
	used, usedB, embedded := pooltest.Used(thin, ra.Rows, ra.Cols), pooltest.Used(thinB, ra.Rows, ra.Cols), 0
	for _, u := range used {
		if u {
			embedded++
		}
	}
	// value is the cosine with patches of A scaled by keep, and atoms by use; components take off
	// so much of the mean.
	value := func(keep func(i int) float64, use func(atom int) float64, w float64) float64 {
		rows, cols := m.Stages().Layout.Cells(m.Stages().Transform.Grid(a.Shape))
		n, d := m.Config().Pool, m.Config().Dims
		var parts, wholes, others []float64
		for _, y0 := range rows {
			for _, x0 := range cols {
				var part, whole, other = make([]float64, d), make([]float64, d), make([]float64, d)
				for y := y0; y < y0+n; y++ {
					for x := x0; x < x0+n; x++ {
						i := y*ra.Cols + x
						length, lengthB := norm(beta[i]), norm(betaB[i])
						if !used[i] {
							length = 0
						}
						if !usedB[i] {
							lengthB = 0
						}
						for j := range d {
							if length > 0 {
								whole[j] += beta[i][j] / length
								for k := ra.Codes.Start[i]; k < ra.Codes.Start[i+1]; k++ {
									atom := int(ra.Codes.Atom[k])
									v := 1.0
									if len(ra.Codes.Value) > 0 {
										v = float64(ra.Codes.Value[k]) / sparse.SoftUnit
									}
									part[j] += keep(i) * use(atom) * v * float64(m.Stages().Projection.Row(atom)[j]) / length
								}
							}
							if lengthB > 0 {
								other[j] += betaB[i][j] / lengthB
							}
						}
					}
				}
				nw, no := norm(whole), norm(other)
				for j := range d {
					if nw > 0 {
						part[j], whole[j] = part[j]/nw, whole[j]/nw
					}
					if no > 0 {
						other[j] /= no
					}
				}
				parts, wholes, others = append(parts, part...), append(wholes, whole...), append(others, other...)
			}
		}
		if m.Config().Components > 0 {
			var z [3][]float64
			for i, whole := range [3][]float64{wholes, wholes, others} {
				z[i] = long(m, [3][]float64{parts, wholes, others}[i], whole, len(rows), len(cols))
			}
			part, whole, other := short(m, a.Shape, z[0], w), short(m, a.Shape, z[1], 1), short(m, a.Shape, z[2], 1)
			return dot(part, other) / norm(whole) / norm(other)
		}
		if m.Config().Spectrum == 0 {
			return dot(parts, others) / norm(wholes) / norm(others)
		}
		var total, sumA, sumB float64
		z, a, b := dcttest.Spectrum(parts, len(rows), len(cols), d), dcttest.Spectrum(wholes, len(rows), len(cols), d), dcttest.Spectrum(others, len(rows), len(cols), d)
		for i := range z {
			if f := i / d; math.Hypot(float64(f/len(cols)), float64(f%len(cols))) > float64(m.Config().Spectrum) {
				continue
			}
			if a[i] != 0 && b[i] != 0 {
				total += z[i] / math.Sqrt(math.Abs(a[i])) * b[i] / math.Sqrt(math.Abs(b[i]))
			}
			sumA, sumB = sumA+math.Abs(a[i]), sumB+math.Abs(b[i])
		}
		return total / math.Sqrt(sumA*sumB)
	}
	all := func(int) float64 { return 1 }
	only := func(k int) func(int) float64 {
		return func(i int) float64 {
			if i == k {
				return 1
			}
			return 0
		}
	}
	for _, i := range []int{0, 17, 60, len(side.Patches) - 1} {
		w := 1 / float64(embedded)
		if !used[i] {
			w = 0
		}
		if want := value(only(i), all, w); math.Abs(side.Patches[i]-want) > slack {
			t.Errorf("%s: patch %d adds %g, want %g", name, i, side.Patches[i], want)
		}
	}
	active := map[int]bool{} // in a patch that the embedding is made of
	for i, u := range used {
		for _, atom := range ra.Codes.Row(i) {
			active[int(atom)] = active[int(atom)] || u
		}
	}
	for _, s := range side.Atoms {
		if !active[s.Atom] {
			t.Errorf("%s: atom %d has a share of %g", name, s.Atom, s.Value)
		}
	}
	for _, s := range []Share{side.Atoms[0], side.Atoms[len(side.Atoms)-1]} {
		if want := value(all, only(s.Atom), 1/float64(len(side.Atoms))); math.Abs(s.Value-want) > slack {
			t.Errorf("%s: atom %d adds %g, want %g", name, s.Atom, s.Value, want)
		}
	}
}

// long is what cells add to an embedding, without components, of the amplitudes and the length that
// those of the whole image lead to.
func long(m *smt.Model, cells, whole []float64, rows, cols int) (e []float64) {
	d, spectrum := m.Config().Dims, m.Config().Spectrum
	if spectrum == 0 {
		for _, v := range cells {
			e = append(e, v/norm(whole))
		}
		return e
	}
	z, a, sum := dcttest.Spectrum(cells, rows, cols, d), dcttest.Spectrum(whole, rows, cols, d), 0.0
	for i := range z {
		if f := i / d; math.Hypot(float64(f/cols), float64(f%cols)) <= float64(spectrum) {
			e = append(e, z[i]/math.Sqrt(math.Abs(a[i])))
			sum += math.Abs(a[i])
		}
	}
	for i := range e {
		e[i] /= math.Sqrt(sum)
	}
	return e
}

// short is the components of an embedding e of an image, less w of those of the mean.
func short(m *smt.Model, shape dataset.Shape, e []float64, w float64) (y []float64) {
	s, x := m.Stages(), make([]float32, len(e))
	single := make([]float32, len(e))
	for i, v := range e {
		single[i] = float32(v)
	}
	rows, cols := s.Transform.Grid(shape)
	s.Layout.EvenOdd(single, rows, cols, x)
	for j, v := range s.Components.Mean() {
		x[j] -= float32(w) * v
	}
	for _, p := range s.Components.Parts() {
		for k := range p.Variances {
			y = append(y, dot(p.Rows[k*(p.To-p.From):(k+1)*(p.To-p.From)], x[p.From:p.To]))
		}
	}
	return y
}

// betas is β = Pφ from the definition.
func betas(m *smt.Model, c *sparse.Codes) [][]float64 {
	out := make([][]float64, c.N())
	for i := range out {
		out[i] = make([]float64, m.Config().Dims)
		for k := c.Start[i]; k < c.Start[i+1]; k++ {
			v := 1.0
			if len(c.Value) > 0 {
				v = float64(c.Value[k]) / sparse.SoftUnit
			}
			for j, p := range m.Stages().Projection.Row(int(c.Atom[k])) {
				out[i][j] += v * float64(p)
			}
		}
	}
	return out
}

func norm(x []float64) float64 { return math.Sqrt(dot(x, x)) }
