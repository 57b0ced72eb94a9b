package video

import (
	"math"

	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/manifold"
	videosource "github.com/sparse-manifold/smt/source/video"
	"github.com/sparse-manifold/smt/sparse"
)

// code is the code of a unit by its definition, of cosines in float64; with fill, one that has none has
// its nearest atom.
func code(m *Model, x []float32, fill bool) []float64 {
	c, d := m.enc.cfg, m.enc.dict
	phi := make([]float64, d.N())
	nearest, best, some := 0, -2.0, false
	for a := range phi {
		var cosine float64
		for k, v := range x {
			cosine += float64(v) * float64(d.Atoms[a*d.Dim+k])
		}
		if cosine > best {
			nearest, best = a, cosine
		}
		switch c.Code {
		case sparse.General:
			if cosine >= c.Threshold {
				phi[a], some = 1, true
			}
		case sparse.L1:
			// below, of all atoms
		case sparse.Soft:
			if v := math.Floor((cosine-c.Threshold)*sparse.SoftUnit + 0.5); v >= 1 {
				phi[a], some = v/sparse.SoftUnit, true
			}
		}
	}
	if c.Code == sparse.L1 {
		phi, some = descent(d, x, c.Threshold)
	}
	if c.Code == sparse.Nearest || fill && !some {
		phi[nearest], some = 1, true
	}
	if !some {
		return nil
	}
	return phi
}

// descent is the L1 code of x, value by value until none moves, and rounded; and whether there is a value.
func descent(d *dictionary.Dictionary, x []float32, lambda float64) (phi []float64, some bool) {
	atoms := func(a int) []float32 { return d.Atoms[a*d.Dim : (a+1)*d.Dim] }
	phi, rest := make([]float64, d.N()), make([]float64, d.Dim)
	for k, v := range x {
		rest[k] = float64(v)
	}
	for moved := 1.0; moved > 1e-13; {
		moved = 0
		for a := range phi {
			var along, square float64
			for k, y := range atoms(a) {
				along, square = along+rest[k]*float64(y), square+float64(y)*float64(y)
			}
			step := max(-phi[a], (along-lambda)/square)
			phi[a], moved = phi[a]+step, max(moved, math.Abs(step))
			for k, y := range atoms(a) {
				rest[k] -= step * float64(y)
			}
		}
	}
	for a, v := range phi {
		phi[a] = math.Floor(v*sparse.SoftUnit+0.5) / sparse.SoftUnit
		some = some || phi[a] > 0
	}
	return phi, some
}

// units are those of a frame, place by place, nil for a blank one.
func units(t interface{ Fatal(...any) }, m *Model, pix []uint8) [][]float32 {
	var v videosource.Group
	v.See(m.enc.places, pix)
	into := manifold.Units{Stride: m.enc.dict.Dim}
	n := m.enc.places.Len()
	if err := v.Read(0, n, &into); err != nil {
		t.Fatal(err)
	}
	all := make([][]float32, n)
	for i := range all {
		if !into.Vectors.Blank[i] {
			all[i] = into.Vectors.X[i*into.Stride : (i+1)*into.Stride]
		}
	}
	return all
}

// contextOf is, from its definition, E‖φ_t − φ_ctx(t)‖² of the kept coordinates, over all units that are
// coded and have someone to be compared with: the sum over coordinates, and each one's E(pφ)².
func contextOf(t interface{ Fatal(...any) }, m *Model, f *videosource.Frames) (change, energy []float64) {
	c := m.enc.cfg
	change, energy = make([]float64, c.Dims), make([]float64, c.Dims)
	var terms, coded float64
	for clip := range f.Clips() {
		n := f.ClipLen(clip)
		places := make([][][]float64, m.enc.places.Len()) // β of each place and time
		for time := range n {
			size := c.Shape.Len()
			for k, x := range units(t, m, f.ClipPixels(clip)[time*size:(time+1)*size]) {
				var beta []float64
				if x != nil {
					if phi := code(m, x, false); phi != nil {
						beta = make([]float64, c.Dims)
						for a, v := range phi {
							for j := range beta {
								beta[j] += v * float64(m.p.Row(a)[j])
							}
						}
					}
				}
				places[k] = append(places[k], beta)
			}
		}
		for _, place := range places {
			for time, beta := range place {
				if beta == nil {
					continue
				}
				coded++
				var near [][]float64
				for other := max(0, time-c.Radius); other <= min(n-1, time+c.Radius); other++ {
					if other != time && place[other] != nil {
						near = append(near, place[other])
					}
				}
				for j := range beta {
					energy[j] += beta[j] * beta[j]
					if len(near) == 0 {
						continue
					}
					if c.Difference == 2 {
						mean := 0.0
						for _, b := range near {
							mean += b[j] / float64(len(near))
						}
						change[j] += (beta[j] - mean) * (beta[j] - mean)
						continue
					}
					for _, b := range near {
						change[j] += (beta[j] - b[j]) * (beta[j] - b[j])
					}
				}
				if c.Difference == 2 && len(near) > 0 {
					terms++
				} else if c.Difference == 1 {
					terms += float64(len(near))
				}
			}
		}
	}
	for j := range change {
		change[j] /= terms
		energy[j] /= coded
	}
	return change, energy
}
