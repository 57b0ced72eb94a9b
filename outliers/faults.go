package outliers

import (
	"image"
	"image/color"
	"math"
)

// Measures are what is measured of a picture. Brightness is from 0, black, to 1, white.
type Measures struct {
	Low, High float64 // the brightness that a hundredth of the pixels do not reach, and that one does not stay below
	// Sharpness is the mean square of the Laplacian over the variance of brightness: 20 of noise, less the
	// smoother a picture is, and 0 of one of a single brightness.
	Sharpness float64
}

// Measure measures a picture.
func Measure(picture image.Image) Measures {
	b := picture.Bounds()
	w, h := b.Dx(), b.Dy()
	if w == 0 || h == 0 {
		return Measures{}
	}
	light := make([]float64, w*h)
	var levels [256]int
	for y := range h {
		for x := range w {
			l := color.GrayModel.Convert(picture.At(b.Min.X+x, b.Min.Y+y)).(color.Gray).Y
			light[y*w+x] = float64(l) / 255
			levels[l]++
		}
	}
	low, high := 0, 255
	for below := levels[0]; below*100 <= w*h && low < 255; below += levels[low] {
		low++
	}
	for above := levels[255]; above*100 <= w*h && high > 0; above += levels[high] {
		high--
	}
	return Measures{Low: float64(low) / 255, High: float64(high) / 255, Sharpness: sharpness(light, w)}
}

// sharpness is that of rows of w brightnesses.
func sharpness(light []float64, w int) float64 {
	h := len(light) / w
	var sum, square float64
	for _, l := range light {
		sum += l
		square += l * l
	}
	n := float64(len(light))
	variance := square/n - sum/n*sum/n
	if w < 3 || h < 3 || variance < 1e-9 {
		return 0
	}
	var edges float64
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			i := y*w + x
			d := light[i-w] + light[i+w] + light[i-1] + light[i+1] - 4*light[i]
			edges += d * d
		}
	}
	return edges / float64((w-2)*(h-2)) / variance
}

// Fault is what is wrong with a picture.
type Fault string

// Faults of pictures.
const (
	Blank   Fault = "blank"   // brightest and darkest part differ by less than 0.02
	Flat    Fault = "flat"    // they differ by less than 0.15
	Dark    Fault = "dark"    // the brightest part is below 0.25
	Bright  Fault = "bright"  // the darkest part is above 0.75
	Blurred Fault = "blurred" // the logarithm of sharpness is Odd deviations below the others'
)

const (
	blankRange  = 0.02
	flatRange   = 0.15
	darkBelow   = 0.25
	brightAbove = 0.75
)

// Faults tells what is wrong with each picture: the first that holds of blank, dark, bright, flat and blurred,
// and "" for nothing.
func Faults(all []Measures) []Fault {
	sharpness := make([]float64, 0, len(all)) // of those that have some
	for _, m := range all {
		if m.Sharpness > 0 {
			sharpness = append(sharpness, math.Log(m.Sharpness))
		}
	}
	sharper := deviations(sharpness)
	faults := make([]Fault, len(all))
	at := 0
	for i, m := range all {
		switch {
		case m.High-m.Low < blankRange:
			faults[i] = Blank
		case m.High < darkBelow:
			faults[i] = Dark
		case m.Low > brightAbove:
			faults[i] = Bright
		case m.High-m.Low < flatRange:
			faults[i] = Flat
		case m.Sharpness > 0 && sharper[at] < -Odd:
			faults[i] = Blurred
		}
		if m.Sharpness > 0 {
			at++
		}
	}
	return faults
}
