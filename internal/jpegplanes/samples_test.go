package jpegplanes

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// A sample is the definition of the inverse transform (T.81, A.3.3), within what integers round.
func TestTransform(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var coefficients [64]int16
		for range rapid.IntRange(0, 20).Draw(r, "number") {
			coefficients[rapid.IntRange(0, 63).Draw(r, "at")] = int16(rapid.IntRange(-60, 60).Draw(r, "value"))
		}
		var quant [64]uint16
		for i := range quant {
			quant[i] = uint16(rapid.IntRange(1, 30).Draw(r, "quant"))
		}
		p := &plane{quant: &quant, across: 2, samples: make([]uint8, 4*64)}
		p.transform(3, &coefficients)
		for y := range 8 {
			for x := range 8 {
				sum := 0.0
				for k, at := range natural {
					u, v := float64(at%8), float64(at/8)
					f := float64(coefficients[at]) * float64(quant[k]) / 4
					if u == 0 {
						f /= math.Sqrt2
					}
					if v == 0 {
						f /= math.Sqrt2
					}
					sum += f * math.Cos((2*float64(x)+1)*u*math.Pi/16) * math.Cos((2*float64(y)+1)*v*math.Pi/16)
				}
				got, want := float64(p.samples[(8+y)*16+8+x]), min(max(sum+128, 0), 255)
				if math.Abs(got-want) > 1 {
					r.Fatalf("sample %d, %d is %v, want %v", x, y, got, want)
				}
			}
		}
	})
}

// Planes that are subsampled are interpolated on a line between centres; others are the nearest sample.
func TestRow(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		side := rapid.SampledFrom([]int{1, 2, 3, 4})
		f := Frame{Width: rapid.IntRange(1, 20).Draw(r, "width"), Height: rapid.IntRange(1, 20).Draw(r, "height")}
		for range rapid.IntRange(1, 4).Draw(r, "components") {
			f.Components = append(f.Components, Component{H: side.Draw(r, "h"), V: side.Draw(r, "v")})
		}
		d := &decoder{frame: f}
		d.lay()
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "samples"), 0))
		for _, p := range d.planes {
			for i := range p.samples {
				p.samples[i] = uint8(random.Uint32())
			}
		}
		planes := Planes{f, d.planes}
		h, v := f.most()
		row := make([]uint8, f.Width)
		for i, p := range d.planes {
			for y := range f.Height {
				planes.Row(i, y, row)
				for x := range f.Width {
					wide := h == 2*p.H && p.width > 2 && (v == p.V || v == 2*p.V)
					tall := v == 2*p.V && (wide || h == p.H)
					want := 0.0
					for _, a := range taps(x, p.H, h, p.width, wide) {
						for _, b := range taps(y, p.V, v, p.height, tall) {
							want += a.weight * b.weight * float64(p.row(b.at)[a.at])
						}
					}
					if math.Abs(float64(row[x])-want) > 0.75 {
						r.Fatalf("component %d of %+v at %d, %d: %d, want %v", i, f, x, y, row[x], want)
					}
				}
			}
		}
	})
}

type tap struct {
	at     int
	weight float64
}

// taps are the samples that a pixel is made of along one side.
func taps(x, factor, most, n int, between bool) []tap {
	if !between {
		return []tap{{x * factor / most, 1}}
	}
	centre := (float64(x)+0.5)/2 - 0.5
	low := math.Floor(centre)
	at := func(i float64) int { return int(min(max(i, 0), float64(n-1))) }
	return []tap{{at(low), 1 - (centre - low)}, {at(low + 1), centre - low}}
}
