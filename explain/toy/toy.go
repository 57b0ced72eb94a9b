// Package toy has the two extremes between which real signals lie (paper,
// introduction): signals that change smoothly, on a manifold, and symbols that
// have nothing in common but the company they keep. The same three steps, code,
// count, solve, find the low frequencies of the one and the groups of the other. Both are
// sources of the engine (manifold.Source), as images are.
//
// The tests compare coordinates of a circle and of a torus with the waves of the manifold,
// and eigenvalues with 2(1 − exp(−k²s²/2)), for frequency k and steps of deviation s.
package toy

import (
	"context"
	"math"
	"math/rand/v2"
)

// Coordinates are what was learned: the smoothest functions on a dictionary.
type Coordinates struct {
	Values []float64   // eigenvalues, smallest first; the first is of the constant
	Rows   [][]float64 // their functions: a row of P each, a value for each atom
	Usage  []float64   // the share of signals that each atom is active in
}

// Manifold is a closed curve or surface in a space of more dimensions, tiled by
// atoms, and what was learned from walks on it.
type Manifold struct {
	Coordinates
	Angles  [][]float64 // of each atom: its place on the manifold, one angle or two
	Atoms   [][]float64 // its place in signal space, a unit vector
	Active  float64     // mean number of active atoms
	Signals int         // seen on the walks
	// Harmonics says of each coordinate what frequency it is.
	Harmonics []Harmonic
}

// Harmonic is the frequency that a function on the manifold is nearest to.
type Harmonic struct {
	Frequency []int   `json:"frequency"` // one for each angle; all 0 for the constant
	Fit       float64 `json:"fit"`       // R², the share of its variance that is of this frequency
	// Expected is the eigenvalue that waves of the frequency have in theory: a step of
	// variance s² changes cos(kθ) by 2(1 − exp(−k²s²/2)) of its variance.
	Expected float64 `json:"expected"`
}

// shape is how a manifold is made.
type shape struct {
	angles int
	signal func(angle []float64) []float64 // unit vectors
	step   []float64                       // standard deviation of a step, for each angle
	apart  float64                         // atoms have smaller cosines than this
	walks  int
	length int // steps of a walk
	k      int // coordinates
}

// Circle is a circle, wound through six dimensions so that no plane shows it as
// one: waves of frequency 1, 2 and 5 of the angle.
func Circle(ctx context.Context, seed uint64) (*Manifold, error) {
	weights := map[int]float64{1: 0.4, 2: 0.35, 5: 0.25}
	return tour(ctx, seed, shape{
		angles: 1, step: []float64{0.15}, apart: 0.985, walks: 1500, length: 200, k: 9,
		signal: func(angle []float64) []float64 {
			var x []float64
			for _, f := range []int{1, 2, 5} {
				sin, cos := math.Sincos(float64(f) * angle[0])
				x = append(x, math.Sqrt(weights[f])*cos, math.Sqrt(weights[f])*sin)
			}
			return x
		},
	})
}

// Torus is the product of two circles, in four dimensions. Walks go faster around
// the one than around the other: its functions are rougher.
func Torus(ctx context.Context, seed uint64) (*Manifold, error) {
	return tour(ctx, seed, shape{
		angles: 2, step: []float64{0.2, 0.3}, apart: 0.989, walks: 1500, length: 200, k: 17,
		signal: func(angle []float64) []float64 {
			sa, ca := math.Sincos(angle[0])
			sb, cb := math.Sincos(angle[1])
			return []float64{ca / math.Sqrt2, sa / math.Sqrt2, cb / math.Sqrt2, sb / math.Sqrt2}
		},
	})
}

// tour tiles a manifold, walks on it and learns.
func tour(ctx context.Context, seed uint64, s shape) (*Manifold, error) {
	rng := rand.New(rand.NewPCG(seed, uint64(s.angles)))
	m := &Manifold{Signals: s.walks * s.length}
	m.tile(rng, s)
	dim := len(m.Atoms[0])
	var atoms []float32
	for _, x := range m.Atoms {
		for _, v := range x {
			atoms = append(atoms, float32(v))
		}
	}
	w := &walks{dim: dim, steps: make([][]float32, s.walks)}
	for i := range w.steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.steps[i] = s.walk(rng)
	}
	c, err := learnWalks(ctx, w, atoms, s.k)
	if err != nil {
		return nil, err
	}
	m.Coordinates = *c
	for j := range c.Rows {
		h := m.harmonic(j)
		rate := 0.0
		for k, f := range h.Frequency {
			rate += float64(f*f) * s.step[k] * s.step[k]
		}
		h.Expected = 2 * (1 - math.Exp(-rate/2))
		m.Harmonics = append(m.Harmonics, h)
	}
	return m, nil
}

// walk is the signals of a walk from a place at random.
func (s shape) walk(rng *rand.Rand) (signals []float32) {
	angle := make([]float64, s.angles)
	for k := range angle {
		angle[k] = 2 * math.Pi * rng.Float64()
	}
	for range s.length {
		for _, v := range s.signal(angle) {
			signals = append(signals, float32(v))
		}
		for k, sd := range s.step {
			angle[k] += sd * rng.NormFloat64()
		}
	}
	return signals
}

// tile draws atoms from the manifold, each kept if it is apart from all kept
// before, until there is hardly room for another.
func (m *Manifold) tile(rng *rand.Rand, s shape) {
	for misses := 0; misses < 2000; misses++ {
		angle := make([]float64, s.angles)
		for k := range angle {
			angle[k] = 2 * math.Pi * rng.Float64()
		}
		x := s.signal(angle)
		if m.nearest(x) < s.apart {
			m.Atoms, m.Angles = append(m.Atoms, x), append(m.Angles, angle)
			misses = 0
		}
	}
}

// nearest is the largest cosine of x with an atom.
func (m *Manifold) nearest(x []float64) float64 {
	best := -1.0
	for _, a := range m.Atoms {
		c := 0.0
		for i, v := range a {
			c += v * x[i]
		}
		best = math.Max(best, c)
	}
	return best
}

// highest is the largest frequency looked for.
const highest = 5

// harmonic finds the frequency whose waves, cosine and sine, explain most of the
// variance of coordinate j over the atoms, each weighed by its usage.
func (m *Manifold) harmonic(j int) Harmonic {
	best := Harmonic{Frequency: make([]int, len(m.Angles[0]))}
	try := func(f []int) {
		if fit := m.explained(m.Rows[j], f); fit > best.Fit {
			best = Harmonic{Frequency: f, Fit: fit}
		}
	}
	for a := range highest + 1 {
		if len(best.Frequency) == 1 {
			try([]int{a})
			continue
		}
		for b := range highest + 1 {
			try([]int{a, b})
		}
	}
	return best
}

// explained is the share of Σ_a u_a f_a² that the waves of a frequency have, by
// least squares: R² about zero, so that the constant is frequency 0. On a torus
// the waves of (k, l) are those of k·α ± l·β.
func (m *Manifold) explained(f []float64, frequency []int) float64 {
	var waves [][]float64
	add := func(sign float64) {
		cos, sin := make([]float64, len(f)), make([]float64, len(f))
		for a, angle := range m.Angles {
			phase := float64(frequency[0]) * angle[0]
			if len(angle) > 1 {
				phase += sign * float64(frequency[1]) * angle[1]
			}
			sin[a], cos[a] = math.Sincos(phase)
		}
		waves = append(waves, cos, sin)
	}
	add(1)
	if len(frequency) > 1 && frequency[0] > 0 && frequency[1] > 0 {
		add(-1)
	}
	inner := func(x, y []float64) (sum float64) {
		for a, u := range m.Usage {
			sum += u * x[a] * y[a]
		}
		return sum
	}
	// Gram and Schmidt, and the projections on what they leave.
	var explained float64
	var basis [][]float64
	for _, w := range waves {
		for _, b := range basis {
			c := inner(w, b)
			for a := range w {
				w[a] -= c * b[a]
			}
		}
		n := math.Sqrt(inner(w, w))
		if n < 1e-9 {
			continue
		}
		for a := range w {
			w[a] /= n
		}
		basis = append(basis, w)
		c := inner(f, w)
		explained += c * c
	}
	return explained / inner(f, f)
}
