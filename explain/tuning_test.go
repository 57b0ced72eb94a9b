package explain

import (
	"math"
	"math/rand/v2"
	"testing"
)

// wavelet is a Gabor function.
func wavelet(size int, angle, wave, phase, width float64) []float32 {
	x := make([]float32, size*size)
	middle := float64(size-1) / 2
	for i := range x {
		px, py := float64(i%size)-middle, float64(i/size)-middle
		along := px*math.Cos(angle) + py*math.Sin(angle)
		x[i] = float32(math.Exp(-(px*px+py*py)/(2*width*width)) * math.Cos(2*math.Pi*along/wave+phase))
	}
	return x
}

func TestTuning(t *testing.T) {
	for angle := 0.0; angle < math.Pi; angle += 0.3 {
		for _, phase := range []float64{0, 1, math.Pi / 2} {
			got := TuningOf(wavelet(16, angle, 4, phase, 2), 16)
			if got.Selectivity < 0.8 || got.Spread > 0.5 || got.Gabor < 0.9 || !got.Oriented() {
				t.Errorf("a Gabor function at %.1f, phase %.1f, is %+v", angle, phase, got)
			}
			wide := TuningOf(wavelet(16, angle, 4, phase, 100), 16)
			if wide.Selectivity < 0.8 || wide.Spread < 0.9 || wide.Oriented() {
				t.Errorf("a wave at %.1f, phase %.1f, is %+v", angle, phase, wide)
			}
		}
	}
	rng, noise := rand.New(rand.NewPCG(1, 1)), make([]float32, 256)
	for i := range noise {
		noise[i] = float32(rng.NormFloat64())
	}
	if got := TuningOf(noise, 16); got.Selectivity > 0.3 || got.Spread < 0.8 || got.Gabor > 0.3 {
		t.Errorf("noise is %+v", got)
	}
	spot := make([]float32, 256)
	spot[100] = 3
	if got := TuningOf(spot, 16); got.Selectivity > 0.1 || got.Spread != 0 {
		t.Errorf("a dot is %+v", got)
	}
	if got := TuningOf(make([]float32, 9), 3); got != (Tuning{}) {
		t.Errorf("nothing is %+v", got)
	}
}

// Power and centre are those of the definition whatever the size of the values.
func TestTuningOfScaledPatches(t *testing.T) {
	x := wavelet(12, 0.7, 5, 0.2, 3)
	want := TuningOf(x, 12)
	for i := range x {
		x[i] *= -40
	}
	got := TuningOf(x, 12)
	if math.Abs(got.Selectivity-want.Selectivity)+math.Abs(got.Spread-want.Spread)+math.Abs(got.Gabor-want.Gabor) > 1e-9 {
		t.Errorf("%+v, and scaled %+v", want, got)
	}
}
