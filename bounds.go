package smt

import (
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/sparse"
)

// What a model file may hold beyond the right sizes: values that a fit can lead to, and such
// that no image makes a sum overflow. Sums are of float32, and half of the largest one is
// left for their rounding, which is less than a hundredth.

// checkMirror wants atoms that are the flips that d.Mirror says, but for rounding. flip says
// where each value of an atom is in its flip.
func checkMirror(d *dictionary.Dictionary, flip []int) error {
	for a, m := range d.Mirror {
		atom, mirrored := d.Atoms[a*d.Dim:(a+1)*d.Dim], d.Atoms[int(m)*d.Dim:(int(m)+1)*d.Dim]
		for i, v := range atom {
			if w := mirrored[flip[i]]; math.Abs(float64(v-w)) > 1e-3 {
				return fmt.Errorf("tensor mirror: value %d is %d, and value %d of atom %d is %g where its flip has %g, want the same", a, m, flip[i], m, w, v)
			}
		}
	}
	return nil
}

// check reports values of m that no fit leads to. A fit looks too when it has solved its
// problem: what it returns can be read once it is saved.
func (m *Model) check() error {
	if err := m.checkProjection(); err != nil {
		return err
	}
	values := make([]float64, 0, len(m.dropped)+len(m.values))
	for _, c := range m.dropped {
		values = append(values, c.Eigenvalue)
	}
	if err := checkEigenvalues(append(values, m.values...), m.enc.cfg, m.data); err != nil {
		return err
	}
	return checkObjective(m.vicreg, m.enc.cfg, m.data)
}

// checkProjection wants, of each coordinate, a largest value between the bounds of
// Config.sizes, and one with which ‖β‖² = ‖Pφ‖², of any code φ, is finite:
// (mostSum·|P|)² times the columns, those that complete a slice included.
func (m *Model) checkProjection() error {
	sum, dims := m.enc.cfg.mostSum(), m.enc.cfg.Dims
	type row struct {
		tensor  string
		j, of   int
		parity  int8
		largest float32
		at      func(atom int) float32
	}
	rows := make([]row, 0, len(m.dropped)+dims)
	for j, c := range m.dropped {
		rows = append(rows, row{"dropped", j, len(m.dropped), c.Parity, manifold.Largest(c.Atoms, 1)[0], func(a int) float32 { return c.Atoms[a] }})
	}
	sizes := m.p.Largest()
	for j := range dims {
		r := row{"projection", j, dims, 0, sizes[j], func(a int) float32 { return m.p.Row(a)[j] }}
		if m.parity != nil {
			r.parity = m.parity[j]
		}
		rows = append(rows, r)
	}
	smallest := map[int8]float32{} // of each parity
	for _, r := range rows {
		if s, is := smallest[r.parity]; !is || r.largest < s {
			smallest[r.parity] = r.largest
		}
	}
	for _, r := range rows {
		least, most := m.enc.cfg.sizes(m.data, r.parity, smallest[r.parity])
		most = min(most, float64(float32(math.Sqrt(math.MaxFloat32/2/float64(r.of+simd.WordColumns))/sum)))
		if size := float64(r.largest); size < least {
			return fmt.Errorf("tensor %s: the largest value of coordinate %d is %g in size, want at least %.4g", r.tensor, r.j, r.largest, least)
		} else if size <= most {
			continue
		}
		for a := range m.enc.dict.N() {
			if x := r.at(a); max(x, -x) == r.largest {
				return fmt.Errorf("tensor %s: the value at atom %d, coordinate %d (index %d) is %g, want at most %.4g in size", r.tensor, a, r.j, a*r.of+r.j, x, most)
			}
		}
	}
	return nil
}

// mostSum is what the values of a code sum to at most.
func (c Config) mostSum() float64 { return c.Code.MostSum(c.Atoms, c.Threshold) }

// sizes are what the largest value of a coordinate p of a parity, |p|, is at least and at most;
// smallest is the smallest one of those of that parity. All follows from pVpᵀ = E(pφ)² = 1.
//
// The values of a code φ have a largest sum, so that |pφ| ≤ mostSum·|p|, and |p| is 1/mostSum or
// more.
//
// The solver sees to it that a hundredth of p(V + ρI)pᵀ is V's, where ρ is the ridge times
// the mean of V's diagonal: ρ‖p‖² ≤ 100. The trace of V is E‖φ‖². Patches that are counted
// have an atom, so that it is 1 or more, of even codes half of that; of odd codes, and of
// those with values, some patch has a value, of a unit at least; and from 1 = qVqᵀ ≤ ‖q‖²·tr V for
// every coordinate q of the parity it is 1/(atoms·smallest²) or more.
//
// Without a ridge, or one that float32 does not add to V, the factor's pivots are what
// float64 leaves of V's diagonal, and that is an estimate, not a bound.
//
// The bounds are sixteen times as wide. In 13,700 fits of data and configurations that were
// drawn to be odd, the largest |p|² was 0.3 of 100/ρ, or of that estimate, and the smallest
// |p| 0.7 of 1/atoms.
func (c Config) sizes(d Data, parity int8, smallest float32) (least, most float64) {
	const slack = 16
	atoms, trace, unit := float64(c.Atoms), 1.0, 1.0
	some := 1 / float64(max(1, d.Patches)) // of the patches
	if c.Code.Valued() {
		unit = 1.0 / (sparse.SoftUnit * sparse.SoftUnit)
		trace = unit * some
	}
	switch parity {
	case 1:
		trace /= 2
	case -1:
		trace = unit / 2 * some
	}
	low := 0x1p-53 * unit / 2 * some // of the eigenvalues of V + ρI
	if c.Ridge >= 0x1p-23 {
		trace = max(trace, 1/(atoms*float64(smallest)*float64(smallest)))
		low = max(low, c.Ridge*trace/atoms)
	}
	return 1 / (slack * c.mostSum()), math.Sqrt(slack * 100 / low)
}

// mostEigenvalue is the largest λ that L p = λ V p can lead to. For whole images L = V − B,
// with B a moment, so that λ is 0 to 1. A difference of two patches is at most twice the sum
// of their squares, and of a window's patches each is in at most so many pairs as it has
// neighbours; pairs are one at least, patches those that were coded. Rounding goes beyond
// where V is all but singular, for which there is a factor of 1,000.
func (c Config) mostEigenvalue(d Data) float64 {
	most := 1000.0
	if c.Context.Kind == cooccur.Window {
		side := float64(2*c.Context.Radius + 1)
		most *= 4 * side * side * float64(max(1, d.Patches))
	}
	return most
}

// checkEigenvalues wants values of at most mostEigenvalue, smallest first.
func checkEigenvalues(values []float64, cfg Config, d Data) error {
	most := cfg.mostEigenvalue(d)
	for j, v := range values {
		if !(math.Abs(v) <= most) {
			return fmt.Errorf("tensor eigenvalues: value %d is %g, want at most %g in size", j, v, most)
		}
		if j > 0 && v < values[j-1] {
			return fmt.Errorf("tensor eigenvalues: value %d is %g after %g, want them in order, the dropped ones first", j, v, values[j-1])
		}
	}
	return nil
}

// checkSum compares the sum of eigenvalues with the one that the fit noted, of the same
// values in another order.
func checkSum(values []float64, noted float64) error {
	var sum, size float64
	for _, v := range values {
		sum += v
		size += math.Abs(v)
	}
	if !(math.Abs(sum-noted) <= 0x1p-51*float64(len(values))*size) {
		return fmt.Errorf("header: objective: eigenvalue_sum is %g, the tensor eigenvalues has %g", noted, sum)
	}
	return nil
}
