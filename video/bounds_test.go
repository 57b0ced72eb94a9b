package video

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/sparse"
)

// Values that are finite, with the right checksums, that no fit leads to are refused by name. They were read.
func TestAbsurdModelsAreRefused(t *testing.T) {
	objective := func(change func(v *manifold.VICReg)) func(m *Model) { return func(m *Model) { change(&m.vicreg) } }
	for says, change := range map[string]func(m *Model){
		"":                              func(*Model) {},
		"coordinate 1 is 1e+30 in size": func(m *Model) { m.p.Row(3)[1] = 1e30 },
		"coordinate 0 is 1e-30 in size": func(m *Model) {
			for a := range m.enc.cfg.Atoms {
				m.p.Row(a)[0] = 1e-30
			}
		},
		"variance is -77, want 1":     objective(func(v *manifold.VICReg) { v.Variance = -77 }),
		"invariance is 1e+300, want":  objective(func(v *manifold.VICReg) { v.Invariance = 1e300 }),
		"invariance is -1e+300, want": objective(func(v *manifold.VICReg) { v.Invariance = -1e300 }),
		"covariance is -1, want":      objective(func(v *manifold.VICReg) { v.Covariance = -1 }),
		"tensor eigenvalues: value 0 is -1e+300, want -0.1 to 8": func(m *Model) {
			m.values[0] = -1e300
			m.vicreg.EigenvalueSum = -1e300
		},
		"9223372036854775807 frames": func(m *Model) { m.data.Frames = math.MaxInt64 },
		"9223372036854775807 clips":  func(m *Model) { m.data.Clips = math.MaxInt64 },
		"9223372036854775807 units":  func(m *Model) { m.data.Units = math.MaxInt64 },
	} {
		m, _ := saved(t)
		change(m)
		var b bytes.Buffer
		if err := m.SaveTo(&b); err != nil {
			t.Fatal(err)
		}
		_, err := LoadFrom(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(fmt.Sprint(err), says)) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}

// A model of any code that was fitted can be read, one with so small a λ that values of L1 codes may sum to more than
// there are atoms too.
func TestFitsOfEveryCodeAreRead(t *testing.T) {
	f := drifting(t, dataset.Shape{Height: 9, Width: 9, Channels: 1}, 5, 20, 14)
	for _, kind := range sparse.Kinds() {
		c := small(f.Shape())
		c.Code, c.Ridge = kind, 1e-3
		if kind == sparse.L1 {
			c.Threshold = sparse.LeastL1
		}
		m := fit(t, f, c)
		var b bytes.Buffer
		if err := m.SaveTo(&b); err != nil {
			t.Fatal(err)
		}
		again, err := LoadFrom(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Errorf("code %s: %v", kind, err)
		} else if !slices.Equal(embedAll(t, again, f), embedAll(t, m, f)) {
			t.Errorf("code %s: embeddings of the model that was read differ", kind)
		}
	}
}
