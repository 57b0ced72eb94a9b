package video

import (
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
	"pgregory.net/rapid"
)

// noise is clips of random pixels.
func noise(t interface{ Fatal(...any) }, shape dataset.Shape, lengths ...int) *Frames {
	rng := rand.New(rand.NewPCG(1, 16))
	var clips [][]uint8
	for _, n := range lengths {
		pix := make([]uint8, n*shape.Len())
		for i := range pix {
			pix[i] = uint8(rng.IntN(256))
		}
		clips = append(clips, pix)
	}
	f, err := NewFrames(shape, clips...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// unit is, in float64, what a frame has in a box of pixels: less its mean,
// whitened, and brought to length 1.
func unit(f *Frames, frame int, box image.Rectangle, p Places) []float64 {
	var v []float64
	c := f.shape.Channels
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for k := box.Min.X * c; k < box.Max.X*c; k++ {
			v = append(v, float64(f.pix[frame*f.shape.Len()+y*f.shape.Width*c+k])/255)
		}
	}
	if p.Center == patch.CenterPatch {
		var mean float64
		for _, s := range v {
			mean += s / float64(len(v))
		}
		for i := range v {
			v[i] -= mean
		}
	}
	if p.Whitening != nil {
		w := make([]float64, len(v))
		for i := range w {
			for j, s := range v {
				w[i] += float64(p.Whitening[i*len(v)+j]) * s
			}
		}
		v = w
	}
	var length float64
	for _, s := range v {
		length += s * s
	}
	for i := range v {
		v[i] /= math.Sqrt(length)
	}
	return v
}

// A group is one place of one clip, and its units are what frame after frame has there; of an embedding,
// they are all places of a frame.
func TestUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := dataset.Shape{
			Height: rapid.IntRange(3, 9).Draw(t, "height"), Width: rapid.IntRange(3, 9).Draw(t, "width"),
			Channels: rapid.SampledFrom([]int{1, 3}).Draw(t, "channels"),
		}
		p := Places{Shape: shape, Center: rapid.SampledFrom([]patch.Center{patch.CenterPatch, patch.CenterNone}).Draw(t, "center")}
		height, width := shape.Height, shape.Width
		if p.Patch = rapid.IntRange(0, min(height, width)).Draw(t, "patch"); p.Patch == 1 {
			p.Patch = 0 // less its mean it is nothing
		}
		if p.Patch > 0 {
			p.Stride = rapid.IntRange(1, 4).Draw(t, "stride")
			height, width = p.Patch, p.Patch
		}
		if rapid.Bool().Draw(t, "whitened") {
			rng := rand.New(rand.NewPCG(2, 16))
			n := p.Dim()
			p.Whitening = make([]float32, n*n)
			for i := range n {
				for j := range i + 1 {
					v := float32(rng.NormFloat64())
					p.Whitening[i*n+j], p.Whitening[j*n+i] = v, v
				}
			}
		}
		f := noise(t, shape, 4, 2, 3)
		s, err := p.Of(f)
		if err != nil {
			t.Fatal(err)
		}
		rows, cols := p.Grid()
		if s.Len() != 3*rows*cols || p.Len() != rows*cols {
			t.Fatalf("%d groups of %d × %d places", s.Len(), rows, cols)
		}
		var g manifold.Group
		units := manifold.Units{Stride: p.Dim() + 3}
		check := func(k, frame, place int) {
			// As far from one edge as from the other, or a pixel nearer.
			y := (shape.Height-height)%max(1, p.Stride)/2 + place/cols*p.Stride
			x := (shape.Width-width)%max(1, p.Stride)/2 + place%cols*p.Stride
			for j, want := range unit(f, frame, image.Rect(x, y, x+width, y+height), p) {
				if got := float64(units.Vectors.X[k*units.Stride+j]); math.Abs(got-want) > 1e-4 {
					t.Fatalf("frame %d, place %d, value %d is %g, want %g", frame, place, j, got, want)
				}
			}
		}
		for i := range s.Len() {
			if g, err = s.Open(i, g); err != nil {
				t.Fatal(err)
			}
			clip, place := i/p.Len(), i%p.Len()
			n := f.ClipLen(clip)
			if got := s.Topology(i); got != (cooccur.Grid{n}) {
				t.Fatalf("topology %v of %d frames", got, n)
			}
			bare := p
			bare.Center, bare.Whitening = patch.CenterNone, nil
			pixels := s.Pixels(i, nil)
			for frame := range n {
				y := (shape.Height-height)%max(1, p.Stride)/2 + place/cols*p.Stride
				x := (shape.Width-width)%max(1, p.Stride)/2 + place%cols*p.Stride
				want := unit(f, f.first[clip]+frame, image.Rect(x, y, x+width, y+height), bare)
				var length float64
				for _, v := range pixels[frame*p.Dim():][:p.Dim()] {
					length += float64(v) * float64(v)
				}
				for j, v := range pixels[frame*p.Dim():][:p.Dim()] {
					if math.Abs(float64(v)/math.Sqrt(length)-want[j]) > 1e-6 {
						t.Fatalf("frame %d, place %d, pixel %d is %g, want %g of the length", frame, place, j, v, want[j])
					}
				}
			}
			first := rapid.IntRange(0, n-1).Draw(t, "first")
			if err := g.Read(first, n, &units); err != nil {
				t.Fatal(err)
			}
			for k := range n - first {
				check(k, f.first[clip]+first+k, place)
			}
		}
		var v Group
		v.See(p, f.ClipPixels(2))
		n := 3 * p.Len()
		if err := v.Read(0, n, &units); err != nil {
			t.Fatal(err)
		}
		for k := range n {
			check(k, f.first[2]+k/p.Len(), k%p.Len())
		}
		read := p.Sample(f, 7).Reader()
		var seen []int
		for group := range f.Len() {
			last := p.Len() - 1
			x, err := read(group, []int{last, 0})
			if err != nil {
				t.Fatal(err)
			}
			// The frame that the group is of is one with such a first place, and none twice.
			for frame := range f.Len() {
				units.Vectors, units.Stride = *x, x.Stride
				y, z := (shape.Height-height)%max(1, p.Stride)/2, (shape.Width-width)%max(1, p.Stride)/2
				if want := unit(f, frame, image.Rect(z, y, z+width, y+height), p); math.Abs(float64(x.X[x.Stride])-want[0]) < 1e-4 && math.Abs(float64(x.X[2*x.Stride-1])-want[len(want)-1]) < 1e-4 {
					check(0, frame, last)
					seen = append(seen, frame)
				}
			}
			units = manifold.Units{Stride: p.Dim() + 3}
		}
		slices.Sort(seen)
		if len(slices.Compact(seen)) != f.Len() {
			t.Errorf("the sample has frames %v, want all %d", seen, f.Len())
		}
	})
}

// Whatever units depend on changes their digest.
func TestDigest(t *testing.T) {
	base := func() Places {
		return Places{Shape: dataset.Shape{Height: 9, Width: 8, Channels: 1}, Patch: 3, Stride: 2, Center: patch.CenterPatch, Whitening: make([]float32, 81)}
	}
	want := base().Digest()
	for name, change := range map[string]func(p *Places){
		"height":    func(p *Places) { p.Shape.Height++ },
		"width":     func(p *Places) { p.Shape.Width++ },
		"channels":  func(p *Places) { p.Shape.Channels = 3 },
		"stride":    func(p *Places) { p.Stride = 1 },
		"patch":     func(p *Places) { p.Patch = 4 },
		"center":    func(p *Places) { p.Center = patch.CenterNone },
		"whitening": func(p *Places) { p.Whitening[40] += 1e-6 },
	} {
		p := base()
		if change(&p); p.Digest() == want {
			t.Errorf("%s: the digest stays the same", name)
		}
	}
	if base().Digest() != want {
		t.Error("the digest of the same places is another one")
	}
	if _, err := base().Of(noise(t, dataset.Shape{Height: 8, Width: 9, Channels: 1}, 2)); err == nil {
		t.Error("frames of another shape were taken")
	}
}
