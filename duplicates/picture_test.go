package duplicates

import (
	"math"
	"math/rand/v2"
	"testing"
)

// drawn is a picture of soft spots, and how light it is at any place of the unit square.
func drawn(rng *rand.Rand) func(y, x float64) float64 {
	type spot struct{ y, x, size, light float64 }
	spots := make([]spot, 40)
	for i := range spots {
		spots[i] = spot{rng.Float64(), rng.Float64(), 0.03 + 0.05*rng.Float64(), 160*rng.Float64() - 80}
	}
	return func(y, x float64) float64 {
		light := 128.0
		for _, s := range spots {
			light += s.light * math.Exp(-((y-s.y)*(y-s.y)+(x-s.x)*(x-s.x))/(2*s.size*s.size))
		}
		return light
	}
}

// shown is the square of a picture at (y, x), a share of its side.
func shown(light func(y, x float64) float64, y, x, share float64) []byte {
	pix := make([]byte, Side*Side)
	for i := range Side {
		for j := range Side {
			v := light(y+share*(float64(i)+0.5)/Side, x+share*(float64(j)+0.5)/Side)
			pix[i*Side+j] = byte(math.Round(min(max(v, 0), 255)))
		}
	}
	return pix
}

// detailed is the definition of a detail, in float64: each pixel of the smaller side is a mean by triangles in rows and columns,
// less the mean about it by a normal distribution.
func detailed(pix []byte, side int) []float64 {
	width := float64(Side) / float64(side)
	small := make([]float64, side*side)
	for i := range side {
		for j := range side {
			var sum, weights float64
			for y := range Side {
				for x := range Side {
					w := max(0, 1-math.Abs(float64(y)+0.5-(float64(i)+0.5)*width)/width) * max(0, 1-math.Abs(float64(x)+0.5-(float64(j)+0.5)*width)/width)
					sum, weights = sum+w*float64(pix[y*Side+x]), weights+w
				}
			}
			small[i*side+j] = sum / weights
		}
	}
	out := make([]float64, len(small))
	for i := range side {
		for j := range side {
			var sum, weights float64
			for y := range side {
				for x := range side {
					w := math.Exp(-float64((y-i)*(y-i)+(x-j)*(x-j)) / (2 * blur * blur))
					sum, weights = sum+w*small[y*side+x], weights+w
				}
			}
			out[i*side+j] = small[i*side+j] - sum/weights
		}
	}
	return out
}

// agreed is the definition of an agreement: Pearson's correlation at each side and place.
func agreed(whole, crop []byte) (most float64) {
	of := detailed(whole, Side)
	for side := leastSide; side <= Side; side++ {
		c := detailed(crop, side)
		for y := range Side - side + 1 {
			for x := range Side - side + 1 {
				var a, b, aa, bb, ab float64
				n := float64(side * side)
				for i := range side {
					for j := range side {
						v, w := of[(y+i)*Side+x+j], c[i*side+j]
						a, b, aa, bb, ab = a+v, b+w, aa+v*v, bb+w*w, ab+v*w
					}
				}
				va, vb := aa-a*a/n, bb-b*b/n
				if math.Sqrt(va/n) >= flat && math.Sqrt(vb/n) >= flat {
					most = max(most, (ab-a*b/n)/math.Sqrt(va*vb))
				}
			}
		}
	}
	return most
}

// An agreement is that of the definition or, where that is below the least wanted, 0.
func TestAgreement(t *testing.T) {
	for seed := range uint64(6) { // the definition is slow
		rng := rand.New(rand.NewPCG(seed, 1))
		light := drawn(rng)
		share := 0.7 + 0.3*rng.Float64()
		whole, part := shown(light, 0, 0, 1), shown(light, rng.Float64()*(1-share), rng.Float64()*(1-share), share)
		noise := int(seed) * 12
		for i := range part {
			part[i] = byte(min(255, max(0, int(part[i])+rng.IntN(2*noise+1)-noise)))
		}
		want := agreed(whole, part)
		for _, least := range []float64{0, 0.5, leastAgreement} {
			got := newWhole(newFixed(scales[0].of(whole)).detail()).agreement(crops(part), least)
			const slack = 2e-3 // of details in 64ths of a level, and of float32
			if want < least-slack && got != 0 || want > least+slack && math.Abs(got-want) > slack {
				t.Errorf("seed %d: agreement %g, by the definition %g, least %g", seed, got, want, least)
			}
		}
	}
}

// Crops agree with what they are of, and other pictures, or flat ones, do not.
func TestCropsAgree(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 2))
		light, other := drawn(rng), shown(drawn(rng), 0, 0, 1)
		whole := shown(light, 0, 0, 1)
		for _, share := range []float64{1, 0.95, 0.9, 0.8, 0.76} {
			part := shown(light, rng.Float64()*(1-share), rng.Float64()*(1-share), share)
			if got := newWhole(scales[0].of(whole)).agreement(crops(part), 0); got < 0.9 {
				t.Errorf("a crop of %g agrees by %g", share, got)
			}
			if got := newWhole(scales[0].of(other)).agreement(crops(part), leastAgreement); got != 0 {
				t.Errorf("a crop of another picture agrees by %g", got)
			}
		}
	}
	level := make([]byte, Side*Side)
	if got := newWhole(scales[0].of(level)).agreement(crops(level), 0); got != 0 {
		t.Errorf("flat pictures agree by %g", got)
	}
}
