package explain

import "math"

// Tuning says how much a gray patch is like a wave of one orientation in one place, as the receptive
// fields of simple cells are.
type Tuning struct {
	// Selectivity is 1 for a wave of one orientation and 0 for no preference: |Σ P e^{2iθ}| / Σ P, over the
	// power P of the spatial frequencies, θ their directions.
	Selectivity float64 `json:"selectivity"`
	// Spread is the root of the mean squared distance of the energy from its centre, over what it is of
	// energy spread evenly: 1 for a patch that is alike everywhere, less for one that is localised.
	Spread float64 `json:"spread"`
	// Gabor is the share of the energy that a Gabor function explains: a wave of the strongest frequency
	// under a Gaussian of the energy's centre and covariance. Nothing but phase and size is fitted.
	Gabor float64 `json:"gabor"`
}

// Oriented reports whether the patch is a wave of one orientation in one place.
func (t Tuning) Oriented() bool { return t.Selectivity >= 0.5 && t.Spread <= 0.75 }

// waves is the number of frequencies along a side that TuningOf looks at.
const waves = 32

// TuningOf measures a patch of size × size values. A patch of zeros has no tuning.
func TuningOf(x []float32, size int) (t Tuning) {
	energy := dot(x, x)
	if energy == 0 {
		return t
	}
	// Centre and covariance of the energy, in pixels.
	var cx, cy, xx, xy, yy float64
	each := func(f func(px, py, share float64)) {
		for i, v := range x {
			f(float64(i%size), float64(i/size), float64(v)*float64(v)/energy)
		}
	}
	each(func(px, py, share float64) { cx, cy = cx+share*px, cy+share*py })
	each(func(px, py, share float64) {
		px, py = px-cx, py-cy
		xx, xy, yy = xx+share*px*px, xy+share*px*py, yy+share*py*py
	})
	even := float64(size*size-1) / 6
	if even > 0 {
		t.Spread = math.Sqrt((xx + yy) / even)
	}
	// Power, by direction, of frequencies u, v in half a plane.
	var c, s, all, most, fu, fv float64
	for u := range waves/2 + 1 {
		for v := -waves / 2; v <= waves/2; v++ {
			if u == 0 && v <= 0 {
				continue
			}
			ku, kv := 2*math.Pi*float64(u)/waves, 2*math.Pi*float64(v)/waves
			var re, im float64
			for i, value := range x {
				a := ku*float64(i%size) + kv*float64(i/size)
				re, im = re+float64(value)*math.Cos(a), im+float64(value)*math.Sin(a)
			}
			p, angle := re*re+im*im, math.Atan2(kv, ku)
			c, s, all = c+p*math.Cos(2*angle), s+p*math.Sin(2*angle), all+p
			if p > most {
				most, fu, fv = p, ku, kv
			}
		}
	}
	if all > 0 {
		t.Selectivity = math.Hypot(c, s) / all
	}
	t.Gabor = gaborShare(x, size, [2]float64{cx, cy}, [3]float64{xx, xy, yy}, [2]float64{fu, fv}) / energy
	return t
}

// gaborShare is the energy of x in the plane of two Gabor functions, a quarter of a wave apart.
func gaborShare(x []float32, size int, centre [2]float64, covariance [3]float64, wave [2]float64) float64 {
	// The energy of a Gaussian has half its covariance; a quarter of a pixel keeps it from vanishing.
	xx, xy, yy := 2*covariance[0]+0.25, 2*covariance[1], 2*covariance[2]+0.25
	det := xx*yy - xy*xy
	a, b := make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		px, py := float64(i%size)-centre[0], float64(i/size)-centre[1]
		g := math.Exp(-(yy*px*px - 2*xy*px*py + xx*py*py) / (2 * det))
		phase := wave[0]*px + wave[1]*py
		a[i], b[i] = g*math.Cos(phase), g*math.Sin(phase)
	}
	// Projection on the plane, by Gram and Schmidt.
	toUnit(a)
	ab := dot(a, b)
	for i := range b {
		b[i] -= ab * a[i]
	}
	toUnit(b)
	pa, pb := dot(x, a), dot(x, b)
	return pa*pa + pb*pb
}
