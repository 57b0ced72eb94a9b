package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"testing"
)

func TestLine(t *testing.T) {
	x, y := []float64{1, 2, 3, 4}, []float64{5, 7, 9, 11}
	slope, intercept := line(x, y)
	if math.Abs(slope-2) > 1e-12 || math.Abs(intercept-3) > 1e-12 || math.Abs(determination(x, y)-1) > 1e-12 {
		t.Errorf("slope %g, intercept %g, r² %g", slope, intercept, determination(x, y))
	}
	if r := determination(x, []float64{1, -1, 1, -1}); r > 0.3 {
		t.Errorf("r² of zigzag is %g", r)
	}
	cubes := []float64{1, 8, 27, 64}
	if exponent, _ := line(logs(x), logs(cubes)); math.Abs(exponent-3) > 1e-12 {
		t.Errorf("exponent %g of cubes", exponent)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		a    axis
		want []float64
	}{
		{axis{to: 8640}, []float64{0, 2000, 4000, 6000, 8000}},
		{axis{to: 4.1}, []float64{0, 1, 2, 3, 4}},
		{axis{to: 23}, []float64{0, 5, 10, 15, 20}},
		{axis{from: 10, to: 1000, logarithmic: true}, []float64{10, 100, 1000}},
	} {
		if got := c.a.ticks(); !slices.Equal(got, c.want) {
			t.Errorf("ticks up to %g: %v, want %v", c.a.to, got, c.want)
		}
	}
}

func TestDrawIsXML(t *testing.T) {
	s := series{name: "a", note: "a", fit: func(x float64) float64 { return x }}
	for _, v := range []float64{1, 20, 300} {
		s.add(v, v)
	}
	dashed := series{x: s.x, fit: s.fit, dashed: true}
	d := xml.NewDecoder(bytes.NewReader(draw(panel{series: []series{s}}, panel{logarithmic: true, series: []series{dashed, s}})))
	circles := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "circle" {
			circles++
		}
	}
	if circles != 6 {
		t.Errorf("%d points, want 6", circles)
	}
}
