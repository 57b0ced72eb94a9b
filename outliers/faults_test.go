package outliers

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func picture(w, h int, light func(x, y int) float64) image.Image {
	m := image.NewGray(image.Rect(3, 5, 3+w, 5+h)) // bounds that begin anywhere
	for y := range h {
		for x := range w {
			m.SetGray(3+x, 5+y, color.Gray{Y: uint8(math.Round(255 * min(1, max(0, light(x, y)))))})
		}
	}
	return m
}

// waves are a picture of some sharpness: the finer, the more.
func waves(fine float64) image.Image {
	return picture(48, 40, func(x, y int) float64 { return 0.5 + 0.4*math.Sin(fine*float64(x))*math.Cos(fine*float64(y)) })
}

func TestFaults(t *testing.T) {
	pictures := []image.Image{
		picture(40, 30, func(int, int) float64 { return 0.4 }),
		picture(40, 30, func(x, _ int) float64 { return 0.2 * float64(x) / 40 }),
		picture(40, 30, func(x, _ int) float64 { return 0.8 + 0.2*float64(x)/40 }),
		picture(40, 30, func(x, _ int) float64 { return 0.5 + 0.1*float64(x)/40 }),
		waves(0.05),
	}
	want := []Fault{Blank, Dark, Bright, Flat, Blurred}
	for i := range 30 {
		pictures, want = append(pictures, waves(0.9+0.01*float64(i))), append(want, "")
	}
	all := make([]Measures, len(pictures))
	for i, p := range pictures {
		all[i] = Measure(p)
	}
	for i, got := range Faults(all) {
		if got != want[i] {
			t.Errorf("picture %d, %+v: %q, want %q", i, all[i], got, want[i])
		}
	}
}

// Low and High are what sorting all pixels says.
func TestMeasureOfSortedPixels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 30).Draw(t, "width"), rapid.IntRange(1, 30).Draw(t, "height")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		levels := make([]int, w*h)
		for i := range levels {
			levels[i] = rng.IntN(256)
		}
		m := Measure(picture(w, h, func(x, y int) float64 { return float64(levels[y*w+x]) / 255 }))
		share := func(is func(l float64) bool) float64 {
			n := 0
			for _, l := range levels {
				if is(float64(l) / 255) {
					n++
				}
			}
			return float64(n) / float64(len(levels))
		}
		if below := share(func(l float64) bool { return l < m.Low }); below > 0.01 {
			t.Fatalf("%g are below %g", below, m.Low)
		}
		if upTo := share(func(l float64) bool { return l <= m.Low }); upTo <= 0.01 {
			t.Fatalf("only %g are not above %g", upTo, m.Low)
		}
		if above := share(func(l float64) bool { return l > m.High }); above > 0.01 {
			t.Fatalf("%g are above %g", above, m.High)
		}
		if from := share(func(l float64) bool { return l >= m.High }); from <= 0.01 {
			t.Fatalf("only %g are not below %g", from, m.High)
		}
	})
}

// The Laplacian of noise has 4² + 4 times its variance, and light and contrast do not matter.
func TestSharpness(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	noise, darker := make([]float64, 300*200), make([]float64, 300*200)
	for i := range noise {
		noise[i] = rng.NormFloat64()
		darker[i] = 0.3*noise[i] - 7
	}
	if got := sharpness(noise, 300); math.Abs(got-20) > 0.5 {
		t.Errorf("of noise %g, want 20", got)
	}
	if got, want := sharpness(darker, 300), sharpness(noise, 300); math.Abs(got-want) > 1e-6 {
		t.Errorf("darker %g, want %g", got, want)
	}
	if got := sharpness(make([]float64, 4), 2); got != 0 {
		t.Errorf("of four pixels %g, want 0", got)
	}
}
