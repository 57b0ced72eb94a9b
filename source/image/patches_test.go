package image

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
)

// noise is images of random pixels.
func noise(t *testing.T, n int, s dataset.Shape) dataset.Source {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 15))
	head := []byte{0, 0, 8, 4}
	for _, size := range []int{n, s.Height, s.Width, s.Channels} {
		head = append(head, 0, 0, 0, byte(size))
	}
	for range n * s.Len() {
		head = append(head, byte(rng.IntN(256)))
	}
	src, err := dataset.IDX(head, nil, "noise")
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// Units are the patches Step apart, whichever of them are read at once and whatever image
// was read before.
func TestUnitsArePatches(t *testing.T) {
	shape := dataset.Shape{Height: 10, Width: 11, Channels: 3}
	src := noise(t, 3, shape)
	transform := &patch.Transform{Size: 3, Channels: 3, Center: patch.CenterPatch}
	for step, which := range map[int][]int{1: nil, 3: {9*0 + 1, 4, 7, 28, 31, 34, 55, 58, 61}} {
		p := Patches{transform, shape, step}
		s, err := p.Of(src)
		if err != nil {
			t.Fatal(err)
		}
		var g manifold.Group
		var units manifold.Units
		units.Stride = 32
		for i := range s.Len() {
			if g, err = s.Open(i, g); err != nil {
				t.Fatal(err)
			}
			pix := make([]uint8, shape.Len())
			if err := src.Image(i, pix); err != nil {
				t.Fatal(err)
			}
			var want patch.Patches
			transform.ApplyTo(pix, shape, which, units.Stride, &want)
			n := s.Topology(i).Units()
			if n != want.N {
				t.Fatalf("step %d: %d units, want %d", step, n, want.N)
			}
			for _, span := range [][2]int{{0, n}, {2, 5}, {n - 1, n}} {
				if err := g.Read(span[0], span[1], &units); err != nil {
					t.Fatal(err)
				}
				for k := span[0]; k < span[1]; k++ {
					at := (k - span[0]) * units.Stride
					if !slices.Equal(units.Vectors.X[at:at+units.Stride], want.X[k*want.Stride:(k+1)*want.Stride]) {
						t.Fatalf("step %d, image %d: unit %d is another patch", step, i, k)
					}
				}
			}
		}
		if rows, cols := p.Grid(); s.Topology(0) != (cooccur.Grid{rows, cols}) {
			t.Errorf("step %d: topology %v", step, s.Topology(0))
		}
	}
	if _, err := (Patches{transform, dataset.Shape{Height: 9, Width: 11, Channels: 3}, 1}).Of(src); err == nil {
		t.Error("images of another shape were taken")
	}
}

// Whatever units depend on changes their digest.
func TestDigest(t *testing.T) {
	base := func() Patches {
		return Patches{&patch.Transform{Size: 3, Channels: 1, Center: patch.CenterPatch, Whitening: make([]float32, 81)}, dataset.Shape{Height: 9, Width: 9, Channels: 1}, 2}
	}
	want := base().Digest()
	if base().Digest() != want {
		t.Error("the digest of the same patches is another one")
	}
	for name, change := range map[string]func(p *Patches){
		"height":    func(p *Patches) { p.Shape.Height++ },
		"width":     func(p *Patches) { p.Shape.Width++ },
		"channels":  func(p *Patches) { p.Shape.Channels = 3 },
		"step":      func(p *Patches) { p.Step = 1 },
		"size":      func(p *Patches) { p.Transform.Size = 4 },
		"center":    func(p *Patches) { p.Transform.Center = patch.CenterImage },
		"whitening": func(p *Patches) { p.Transform.Whitening[40] += 1e-6 },
	} {
		p := base()
		if change(&p); p.Digest() == want {
			t.Errorf("%s: the digest stays the same", name)
		}
	}
}
