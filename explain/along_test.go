package explain

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/dct"
)

// The parts of an image add up to the product of its embedding, as the ensemble makes it, with a direction; the parts of atoms are those of the
// definition, from codes; and the places of an atom add up to its part.
func TestAlongAddsUp(t *testing.T) {
	all := models(t)
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(rt *rapid.T) {
		var members []smt.Member
		for range rapid.IntRange(1, 2).Draw(rt, "members") {
			name := rapid.SampledFrom(names).Draw(rt, "model")
			members = append(members, smt.Member{Name: name, Model: all[name], Gray: rapid.Bool().Draw(rt, "gray"), Weight: rapid.Float64Range(0.2, 3).Draw(rt, "weight")})
		}
		e, err := smt.NewEnsemble(members...)
		if err != nil {
			rt.Fatal(err)
		}
		i := rapid.IntRange(0, 39).Draw(rt, "image")
		src := dataset.Pick(ofSize(40, colour(1).Size, rapid.Uint64().Draw(rt, "seed")), []int{i})
		set, err := e.Whole().Embeddings(src)
		if err != nil {
			rt.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "direction"), 0))
		directions := make([][]float32, 2)
		for k := range directions {
			for range set.Dim() {
				directions[k] = append(directions[k], float32(rng.NormFloat64()/math.Sqrt(float64(set.Dim()))))
			}
		}
		found, err := AlongOf(e, src, directions...)
		if err != nil {
			rt.Fatal(err)
		}
		for block, err := range set.Blocks(t.Context(), 1) {
			if err != nil {
				rt.Fatal(err)
			}
			for k, a := range found {
				slack := 1e-5 // and what rounding moves frequencies by that nearly vanish
				for _, m := range members {
					if m.Model.Config().Spectrum > 0 {
						slack = 2e-4
					}
				}
				if want := dot(block, directions[k]); math.Abs(a.Product-want) > slack {
					rt.Fatalf("the product is %g, want %g", a.Product, want)
				}
				var parts float64
				for i := range a.Members {
					m := &a.Members[i]
					patches, pixels, atoms := m.Sums()
					parts += patches
					if math.Abs(pixels-patches) > 1e-9 || len(m.Atoms) > 0 && math.Abs(atoms-patches) > 1e-5 {
						rt.Fatalf("patches add up to %g, pixels to %g, atoms to %g", patches, pixels, atoms)
					}
					if len(m.Atoms) == 0 {
						continue
					}
					atom := m.Atoms[rapid.IntRange(0, len(m.Atoms)-1).Draw(rt, "atom")]
					var places float64
					for _, p := range m.Places(atom.Atom) {
						places += p.Value
					}
					if math.Abs(places-atom.Value) > 1e-9 {
						rt.Fatalf("places of atom %d add up to %g, want %g", atom.Atom, places, atom.Value)
					}
				}
				if math.Abs(parts-a.Product) > 1e-9 {
					rt.Fatalf("parts add up to %g, want %g", parts, a.Product)
				}
			}
		}
	})
}

// What an atom adds is, by the definition, what the embedding of its codes alone adds, with the norms and amplitudes of the image.
func TestAlongAgreesWithDefinition(t *testing.T) {
	for name, m := range models(t) {
		src := dataset.Pick(colour(120), []int{5})
		set, err := m.Whole().Embeddings(src)
		if err != nil {
			t.Fatal(err)
		}
		d, rng := make([]float32, set.Dim()), rand.New(rand.NewPCG(1, 1))
		for j := range d {
			d[j] = float32(rng.NormFloat64() / math.Sqrt(float64(len(d))))
		}
		e, err := smt.NewEnsemble(smt.Member{Model: m, Weight: 1})
		if err != nil {
			t.Fatal(err)
		}
		found, err := AlongOf(e, src, d)
		if err != nil {
			t.Fatal(err)
		}
		a := &found[0].Members[0]
		for _, atom := range []Share{a.Atoms[0], a.Atoms[len(a.Atoms)/2], a.Atoms[len(a.Atoms)-1]} {
			if want := slowAlong(t, m.Whole(), src, d, atom.Atom, len(a.Atoms)); math.Abs(atom.Value-want) > 1e-5 {
				t.Errorf("%s: atom %d adds %g, want %g", name, atom.Atom, atom.Value, want)
			}
		}
	}
}

// slowAlong embeds the codes of an atom alone, beside those of all, which give norms and amplitudes, and has a share of the mean of components.
func slowAlong(t *testing.T, m *smt.Model, src dataset.Source, d []float32, atom, active int) float64 {
	t.Helper()
	r, err := Read(m, src, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	s, dims := m.Stages(), m.Config().Dims
	rows, cols := s.Layout.Grid(r.Rows, r.Cols)
	all, own := make([]float64, rows*cols*dims), make([]float64, rows*cols*dims)
	for cell, patches := range s.Layout.Patches(r.Rows, r.Cols) {
		for _, i := range patches {
			whole, part := make([]float64, dims), make([]float64, dims)
			for k := r.Codes.Start[i]; k < r.Codes.Start[i+1]; k++ {
				for j := range dims {
					v := value(&r.Codes, int(k)) * float64(s.Projection.Row(int(r.Codes.Atom[k]))[j])
					whole[j] += v
					if int(r.Codes.Atom[k]) == atom {
						part[j] += v
					}
				}
			}
			if n := math.Sqrt(dot(whole, whole)); n > 0 {
				for j := range dims {
					all[cell*dims+j] += whole[j] / n
					own[cell*dims+j] += part[j] / n
				}
			}
		}
		if n := math.Sqrt(dot(all[cell*dims:(cell+1)*dims], all[cell*dims:(cell+1)*dims])); n > 0 {
			for j := range dims {
				all[cell*dims+j] /= n
				own[cell*dims+j] /= n
			}
		}
	}
	var long, part []float32
	if s.Layout.Frequencies == 0 {
		for i := range all {
			long, part = append(long, float32(all[i])), append(part, float32(own[i]))
		}
	} else {
		down, across := dct.Matrix(rows), dct.Matrix(cols)
		for f := range rows * cols {
			for j := range dims {
				if !s.Layout.Keeps(f/cols, f%cols) {
					continue
				}
				var z, w float64
				for c := range rows * cols {
					by := down[f/cols*rows+c/cols] * across[f%cols*cols+c%cols]
					z, w = z+by*all[c*dims+j], w+by*own[c*dims+j]
				}
				if math.Abs(z) < 1e-9 {
					z, w = 1, 0
					long = append(long, 0)
				} else {
					long = append(long, float32(z/math.Sqrt(math.Abs(z))))
				}
				part = append(part, float32(w/math.Sqrt(math.Abs(z))))
			}
		}
	}
	n := math.Sqrt(dot(long, long))
	if s.Layout.Parity != nil {
		for _, x := range []*[]float32{&long, &part} {
			turned := make([]float32, len(*x))
			s.Layout.EvenOdd(*x, r.Rows, r.Cols, turned)
			*x = turned
		}
	}
	if s.Components == nil {
		return dot(part, d) / n
	}
	var y, z []float64
	for _, p := range s.Components.Parts() {
		for k := range p.Variances {
			var whole, own float64
			for j, v := range row(p.Rows, k, p.To-p.From) {
				mean := 0.0
				if p.From+j < len(s.Components.Mean()) {
					mean = float64(s.Components.Mean()[p.From+j])
				}
				whole += float64(v) * (float64(long[p.From+j])/n - mean)
				own += float64(v) * (float64(part[p.From+j])/n - mean/float64(active))
			}
			y, z = append(y, whole), append(z, own)
		}
	}
	return dot(z, d) / math.Sqrt(dot(y, y))
}
