package vectors

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/manifold"
)

// Values that are finite, with the right checksums, that no fit leads to are refused by name. They were read.
func TestAbsurdModelsAreRefused(t *testing.T) {
	for _, smooth := range []int{2, 8} {
		cfg := Default()
		cfg.Atoms, cfg.Smooth = 40, smooth
		fill := func(m *Model, v float32) {
			for a := range m.cfg.Atoms {
				for j := range m.cfg.Dims {
					m.p.Row(a)[j] = v
				}
			}
		}
		objective := func(change func(v *manifold.VICReg)) func(m *Model) { return func(m *Model) { change(&m.vicreg) } }
		for says, change := range map[string]func(m *Model){
			"":                             func(*Model) {},
			"tensor projection: all":       func(m *Model) { fill(m, 0) },
			"coordinate 0 is 1e+38":        func(m *Model) { fill(m, 1e38) },
			"variance is -77, want 1":      objective(func(v *manifold.VICReg) { v.Variance = -77 }),
			"invariance is 1e+300, want":   objective(func(v *manifold.VICReg) { v.Invariance = 1e300 }),
			"invariance is -1e+300, want":  objective(func(v *manifold.VICReg) { v.Invariance = -1e300 }),
			"covariance is 1e+300, want":   objective(func(v *manifold.VICReg) { v.Covariance = 1e300 }),
			"value 0 is -1e+300: want 0":   func(m *Model) { m.values[0] = -1e300 },
			"edges is 9223372036854775807": func(m *Model) { m.data.Edges = math.MaxInt64 },
			"9223372036854775807 points":   func(m *Model) { m.data.Points, m.data.Duplicates = math.MaxInt64, math.MaxInt64-200 },
		} {
			m := fit(t, circle(200, 1), cfg)
			change(m)
			var b bytes.Buffer
			if err := m.SaveTo(&b); err != nil {
				t.Fatal(err)
			}
			_, err := LoadFrom(bytes.NewReader(b.Bytes()), int64(b.Len()))
			if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(fmt.Sprint(err), says)) {
				t.Errorf("%d smooth ones: error %v, want %q in it", smooth, err, says)
			}
		}
	}
}
