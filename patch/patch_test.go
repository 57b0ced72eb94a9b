package patch

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/dataset"
)

// images is a source in memory.
type images struct {
	shape dataset.Shape
	pix   [][]uint8
}

func (s images) Len() int                       { return len(s.pix) }
func (s images) Shape() dataset.Shape           { return s.shape }
func (s images) Image(i int, pix []uint8) error { copy(pix, s.pix[i]); return nil }
func (s images) Label(int) int                  { return -1 }
func (s images) Classes() []string              { return nil }
func (images) ID(i int) string                  { return strconv.Itoa(i) }

// random images have correlated pixels, as photographs do, and a flat corner.
func random(seed uint64, n int, shape dataset.Shape) images {
	rng := rand.New(rand.NewPCG(seed, 1))
	s := images{shape: shape}
	for range n {
		pix := make([]uint8, shape.Len())
		level := 128.0
		for i := range pix {
			level = 0.8*level + 0.2*128 + 30*rng.NormFloat64()
			pix[i] = uint8(min(max(level, 0), 255))
		}
		for y := range shape.Height / 2 {
			for x := range shape.Width / 2 * shape.Channels {
				pix[y*shape.Width*shape.Channels+x] = 9
			}
		}
		s.pix = append(s.pix, pix)
	}
	return s
}

// centred is the definition: float64, one value at a time.
func centred(t *Transform, pix []uint8, s dataset.Shape) [][]float64 {
	rows, cols := t.Grid(s)
	var all [][]float64
	for y := range rows {
		for x := range cols {
			var p []float64
			for dy := range t.Size {
				for dx := range t.Size {
					for c := range t.Channels {
						p = append(p, float64(pix[((y+dy)*s.Width+x+dx)*s.Channels+c])/255)
					}
				}
			}
			all = append(all, p)
		}
	}
	mean := func(ps [][]float64) (m float64) {
		for _, p := range ps {
			for _, v := range p {
				m += v / float64(len(p)*len(ps))
			}
		}
		return m
	}
	image := mean(all)
	for i := range all {
		m := image
		switch t.Center {
		case CenterPatch:
			m = mean(all[i : i+1])
		case CenterNone:
			m = 0
		}
		for k := range all[i] {
			all[i][k] -= m
		}
	}
	return all
}

func length(p []float64) (n float64) {
	for _, v := range p {
		n += v * v
	}
	return math.Sqrt(n)
}

func TestApplyAgreesWithDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.IntRange(1, 7).Draw(rt, "size")
		shape := dataset.Shape{
			Height:   size + rapid.IntRange(0, 6).Draw(rt, "more rows"),
			Width:    size + rapid.IntRange(0, 6).Draw(rt, "more columns"),
			Channels: rapid.SampledFrom([]int{1, 3}).Draw(rt, "channels"),
		}
		src := random(rapid.Uint64().Draw(rt, "seed"), 1, shape)
		tr := &Transform{Size: size, Channels: shape.Channels,
			Center: rapid.SampledFrom([]Center{CenterImage, CenterPatch, CenterNone}).Draw(rt, "center")}
		if rapid.Bool().Draw(rt, "whiten") {
			rng := rand.New(rand.NewPCG(5, 5))
			tr.Whitening = make([]float32, tr.Dim()*tr.Dim())
			for i := range tr.Dim() {
				for j := range i + 1 {
					v := float32(rng.NormFloat64())
					tr.Whitening[i*tr.Dim()+j], tr.Whitening[j*tr.Dim()+i] = v, v
				}
			}
		}
		var got Patches
		stride := tr.Dim() + rapid.IntRange(0, 9).Draw(rt, "padding")
		tr.Apply(src.pix[0], shape, stride, &got)
		want := centred(tr, src.pix[0], shape)
		if got.N != len(want) {
			rt.Fatalf("%d patches, want %d", got.N, len(want))
		}
		for i, p := range want {
			rms := length(p) / math.Sqrt(float64(len(p)))
			if math.Abs(rms-blank) < 1e-6 {
				continue // rounding decides
			}
			if got.Blank[i] != (rms < blank) {
				rt.Fatalf("patch %d with rms %g: blank is %v", i, rms, got.Blank[i])
			}
			x := p
			if tr.Whitening != nil {
				x = make([]float64, len(p))
				for a := range x {
					for b, v := range p {
						x[a] += float64(tr.Whitening[a*tr.Dim()+b]) * v
					}
				}
			}
			n := length(x)
			if n < 1e-4 {
				continue // direction lost in rounding
			}
			for k := range stride {
				w := 0.0
				if k < len(x) && !got.Blank[i] {
					w = x[k] / n
				}
				// Values of 1 with rounding 2⁻²⁴ each, divided by the length.
				if d := math.Abs(float64(got.X[i*stride+k]) - w); d > 1e-5/n+1e-5 {
					rt.Fatalf("patch %d value %d is off by %g (length %g)", i, k, d, n)
				}
			}
		}
	})
}

// Whitened patches have covariance C(C + εI)⁻¹, which is I for ε = 0.
func TestWhitenedCovariance(t *testing.T) {
	shape := dataset.Shape{Height: 12, Width: 13, Channels: 3}
	src := random(2, 150, shape)
	tr := Transform{Size: 3, Channels: 3, Center: CenterImage}
	w, err := tr.Whiten(context.Background(), src, 1e-9, false)
	if err != nil {
		t.Fatal(err)
	}
	dim := tr.Dim()
	cov, n := mat.NewSymDense(dim, nil), 0.0
	for i := range src.pix {
		for _, p := range centred(&tr, src.pix[i], shape) {
			if length(p)/math.Sqrt(float64(dim)) <= blank {
				continue
			}
			x := mat.NewVecDense(dim, nil)
			m := mat.NewDense(dim, dim, nil)
			for a := range dim {
				for b := range dim {
					m.Set(a, b, float64(w.Whitening[a*dim+b]))
				}
			}
			x.MulVec(m, mat.NewVecDense(dim, p))
			cov.SymRankOne(cov, 1, x)
			n++
		}
	}
	for i := range dim {
		for j := range dim {
			want := 0.0
			if i == j {
				want = 1
			}
			// Whitening multiplies float32 rounding of the moments by their condition.
			if d := math.Abs(cov.At(i, j)/n - want); d > 2e-3 {
				t.Fatalf("whitened covariance [%d,%d] is off by %g", i, j, d)
			}
		}
	}
}

func TestMirroredWhiteningCommutesWithFlips(t *testing.T) {
	tr := Transform{Size: 4, Channels: 3, Center: CenterImage}
	w, err := tr.Whiten(context.Background(), random(3, 70, dataset.Shape{Height: 9, Width: 9, Channels: 3}), 1e-3, true)
	if err != nil {
		t.Fatal(err)
	}
	for i := range tr.Dim() {
		if tr.FlipIndex(tr.FlipIndex(i)) != i {
			t.Fatalf("value %d is not the flip of its flip", i)
		}
		for j := range tr.Dim() {
			a, b := w.Whitening[i*tr.Dim()+j], w.Whitening[tr.FlipIndex(i)*tr.Dim()+tr.FlipIndex(j)]
			if math.Abs(float64(a-b)) > 1e-4*math.Abs(float64(w.Whitening[0])) {
				t.Fatalf("W[%d,%d] = %g, its flip %g", i, j, a, b)
			}
		}
	}
}

func TestWhitenErrors(t *testing.T) {
	shape := dataset.Shape{Height: 6, Width: 6, Channels: 1}
	flat := images{shape, [][]uint8{make([]uint8, 36)}}
	tr := Transform{Size: 3, Channels: 1, Center: CenterImage}
	if _, err := tr.Whiten(context.Background(), flat, 1, false); err == nil {
		t.Error("whitening flat images succeeded")
	}
	image := random(1, 1, shape)
	if _, err := tr.Whiten(context.Background(), image, -1, false); err == nil {
		t.Error("whitening with a negative ridge succeeded")
	}
	if _, err := tr.Whiten(t.Context(), image, 1e300, false); err == nil || !strings.Contains(err.Error(), "choose a smaller epsilon than 1e+300") {
		t.Errorf("whitening with the ridge 1e300: error %v", err)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := tr.Whiten(done, image, 1, false); err != context.Canceled {
		t.Errorf("cancelled whitening returned %v", err)
	}
}

// With the largest whitening that is taken, patches have unit length; a little beyond
// twice of it they have not.
func TestCheckKeepsLengthsFinite(t *testing.T) {
	shape := dataset.Shape{Height: 5, Width: 6, Channels: 3}
	pix := make([]uint8, shape.Len())
	for i := range pix {
		pix[i] = 255
	}
	for _, size := range []int{1, 2, 4} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			tr := &Transform{Size: size, Channels: 3, Center: CenterNone}
			dim := tr.Dim()
			most := math.Sqrt(math.MaxFloat32/2/float64(dim)) / float64(dim)
			for times, fine := range map[float64]bool{0.999: true, 1.001: false, 1.5: false} {
				tr.Whitening = make([]float32, dim*dim)
				for i := range tr.Whitening {
					tr.Whitening[i] = float32(times * most)
				}
				if err := tr.Check(0); (err == nil) != fine {
					t.Errorf("%g times the bound: error %v", times, err)
				}
				var p Patches
				tr.Apply(pix, shape, 16*((dim+15)/16), &p)
				if unit := math.Abs(float64(energy(p.X[:p.Stride]))-1) < 1e-3; unit != (times < 1.4) {
					t.Errorf("%g times the bound: a patch of squared length %g", times, energy(p.X[:p.Stride]))
				}
			}
		})
	}
}
