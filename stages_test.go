package smt_test

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/dct/dcttest"
	"github.com/sparse-manifold/smt/pool/pooltest"
)

// What explain.Read, explain.Embed and Cells give is what Embed pools: the embedding, put
// together from them in float64.
func TestEmbedFromItsStages(t *testing.T) {
	for name, cfg := range variants() {
		m := fitted(t, cfg).Long()
		src := colour(3)
		r, err := explain.Read(m, src, 2, true)
		if err != nil {
			t.Fatal(err)
		}
		want, err := m.Embed(picture(t, src, 2, false))
		if err != nil {
			t.Fatal(err)
		}
		beta, d := explain.Embed(m, &r.Codes), cfg.Dims
		var got []float64
		rows, cols := m.Stages().Layout.Cells(m.Stages().Transform.Grid(src.Shape()))
		used := pooltest.Used(cfg.Thin, r.Rows, r.Cols)
		for _, y0 := range rows {
			for _, x0 := range cols {
				cell := make([]float64, d)
				for k := range cfg.Pool * cfg.Pool {
					i := (y0+k/cfg.Pool)*r.Cols + x0 + k%cfg.Pool
					if !used[i] {
						continue
					}
					unit := float64s(beta[i*d : (i+1)*d])
					scale(unit)
					for j, v := range unit {
						cell[j] += v
					}
				}
				scale(cell)
				got = append(got, cell...)
			}
		}
		embedded := float64s(want)
		if cfg.Spectrum > 0 {
			all := dcttest.Spectrum(got, len(rows), len(cols), d)
			got = got[:0]
			for f := range len(rows) * len(cols) {
				if math.Hypot(float64(f/len(cols)), float64(f%len(cols))) <= float64(cfg.Spectrum) {
					got = append(got, all[f*d:(f+1)*d]...)
				}
			}
			var sum float64
			for _, v := range got {
				sum += math.Abs(v)
			}
			for i := range got {
				got[i] /= sum
			}
			// The square of a value, with its sign, is the frequency's share.
			for i, v := range embedded {
				embedded[i] = v * math.Abs(v)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%s: %d values, want %d", name, len(got), len(want))
		}
		for i, v := range got {
			if math.Abs(v-embedded[i]) > 1e-5 {
				t.Fatalf("%s: value %d is %g, want %g", name, i, v, want[i])
			}
		}
	}
}

func float64s(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func scale(x []float64) {
	var sum float64
	for _, v := range x {
		sum += v * v
	}
	if sum > 0 {
		for i := range x {
			x[i] /= math.Sqrt(sum)
		}
	}
}

// Encode gives the patches of an image the codes that Read does.
func TestEncodeIsRead(t *testing.T) {
	for name, cfg := range variants() {
		m := fitted(t, cfg)
		r, err := explain.Read(m, colour(1), 0, true)
		if err != nil {
			t.Fatal(err)
		}
		dim := m.Stages().Transform.Dim()
		var x []float32
		for i := range r.Patches.N {
			x = append(x, r.Patches.X[i*r.Patches.Stride:][:dim]...)
		}
		codes := explain.Encode(m, x)
		if !slices.Equal(codes.Atom, r.Codes.Atom) || !slices.Equal(codes.Start, r.Codes.Start) || !slices.Equal(codes.Value, r.Codes.Value) {
			t.Errorf("%s: other codes", name)
		}
		if r.Rows*r.Cols != r.Patches.N || codes.N() != r.Patches.N {
			t.Errorf("%s: %d × %d patches, %d coded", name, r.Rows, r.Cols, codes.N())
		}
	}
}

// The dropped coordinates are those that a model which drops none keeps first,
// and come back from a file.
func TestDropped(t *testing.T) {
	for _, flips := range []bool{true, false} {
		cfg := small()
		cfg.Flips, cfg.Skip, cfg.Dims = flips, 3, 9
		whole := cfg
		whole.Skip, whole.Dims = 0, 12
		m, all := fitted(t, cfg), fitted(t, whole)
		path := filepath.Join(t.TempDir(), "m")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		back, err := smt.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []*smt.Model{m, back} {
			dropped := m.Stages().Dropped
			if len(dropped) != 3 || len(all.Stages().Dropped) != 0 {
				t.Fatalf("%d and %d coordinates dropped", len(dropped), len(all.Stages().Dropped))
			}
			for j, c := range dropped {
				if c.Eigenvalue != all.Stages().Eigenvalues[j] || (flips && c.Parity != all.Stages().Layout.Parity[j]) {
					t.Errorf("coordinate %d has eigenvalue %g and parity %d", j, c.Eigenvalue, c.Parity)
				}
				for a, v := range c.Atoms {
					if v != all.Stages().Projection.Row(a)[j] {
						t.Fatalf("coordinate %d is %g at atom %d, want %g", j, v, a, all.Stages().Projection.Row(a)[j])
					}
				}
			}
		}
		if !slices.Equal(back.Stages().Dictionary.Mirror, m.Stages().Dictionary.Mirror) || !slices.Equal(back.Stages().Layout.Parity, m.Stages().Layout.Parity) || (m.Stages().Dictionary.Mirror != nil) != flips || (m.Stages().Layout.Parity != nil) != flips {
			t.Error("flips came back otherwise")
		}
	}
}

func TestReadOfOtherChannels(t *testing.T) {
	gray := ofSize(1, dataset.Shape{Height: 13, Width: 14, Channels: 1}, 1)
	if _, err := explain.Read(fitted(t, small()), gray, 0, true); err == nil {
		t.Error("gray images and a colour model: no error")
	}
}
