package video

import (
	"context"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	videosource "github.com/sparse-manifold/smt/source/video"
	"github.com/sparse-manifold/smt/sparse"
)

// Measured is how units of frames move in time, at each place by itself.
type Measured struct {
	// Change is, of each coordinate, E(β_t − β_(t+1))² over twice its variance in time at a place: 0 is at
	// rest, and 1 is what frames in any order have.
	Change []float64 `json:"change"`
	// Curvature is, in degrees, the mean angle between a step of a trajectory and the next one: 0 is straight,
	// and 120 is what units drawn at random have. It is of pixels, of the units made of them (less their
	// mean, whitened, of length 1), of codes, and of β.
	Curvature Curvature `json:"curvature"`
}

// Curvature is that of one film on the way to its embedding.
type Curvature struct {
	Pixels float64 `json:"pixels"`
	Units  float64 `json:"units"`
	Codes  float64 `json:"codes"`
	Beta   float64 `json:"beta"`
}

// MeanChange is the mean of Change over coordinates.
func (m Measured) MeanChange() float64 {
	var sum float64
	for _, c := range m.Change {
		sum += c
	}
	return sum / float64(len(m.Change))
}

// Measure measures frames, which should not be those that the model was fitted on. A step of a trajectory, whose
// turns are measured, is so many frames long: a turn is of 2·step + 1 frames, which the longest clip is to have.
func (m *Model) Measure(ctx context.Context, frames *videosource.Frames, step int) (Measured, error) {
	if step < 1 {
		return Measured{}, fmt.Errorf("video: steps of %s: want at least 1", plural.Of(step, "frame"))
	}
	if name, n := longest(frames); step > (n-1)/2 {
		return Measured{}, fmt.Errorf("video: steps of %s: want at most %d, as two of them are to be in a clip, and the longest, %s, has %s", plural.Of(step, "frame"), (n-1)/2, name, plural.Of(n, "frame"))
	}
	source, err := m.enc.places.Of(frames)
	if err != nil {
		return Measured{}, err
	}
	sums := make([]motion, source.Len())
	work := make([]walker, parallel.Workers(len(sums)))
	err = parallel.ForErr(ctx, len(sums), func(w, i int) (err error) {
		sums[i], err = work[w].place(ctx, m, source, i, step)
		return err
	})
	if err != nil {
		return Measured{}, err
	}
	total := newMotion(m.enc.cfg.Dims)
	for _, s := range sums {
		total.add(s)
	}
	return total.measured(), nil
}

// motion is sums over steps of trajectories.
type motion struct {
	angles, turns [4]float64 // of pixels, units, codes and β: the sum, and how many there are

	changes, deviations []float64 // of each coordinate: of squares of steps, and of what is off a place's mean
	steps, values       float64
}

func newMotion(dims int) motion {
	return motion{changes: make([]float64, dims), deviations: make([]float64, dims)}
}

func (m *motion) add(o motion) {
	for k := range m.angles {
		m.angles[k], m.turns[k] = m.angles[k]+o.angles[k], m.turns[k]+o.turns[k]
	}
	for j := range m.changes {
		m.changes[j], m.deviations[j] = m.changes[j]+o.changes[j], m.deviations[j]+o.deviations[j]
	}
	m.steps, m.values = m.steps+o.steps, m.values+o.values
}

func (m *motion) measured() Measured {
	var out Measured
	for j := range m.changes {
		change := 0.0 // of what never moves
		if m.deviations[j] > 0 {
			change = m.changes[j] / m.steps / (2 * m.deviations[j] / m.values)
		}
		out.Change = append(out.Change, change)
	}
	degrees := func(k int) float64 { return m.angles[k] / max(1, m.turns[k]) * 180 / math.Pi }
	out.Curvature = Curvature{degrees(0), degrees(1), degrees(2), degrees(3)}
	return out
}

// walker is the working memory of measuring a place.
type walker struct {
	group   manifold.Group
	units   manifold.Units
	encode  manifold.Scratch
	codes   sparse.Codes
	project manifold.Projector

	pixels, phi, beta []float32
}

// place measures one place of one clip. Units that are blank have no code and no place in a trajectory: it
// goes on after them as another one.
func (w *walker) place(ctx context.Context, m *Model, source *videosource.Source, i, far int) (motion, error) {
	sum := newMotion(m.enc.cfg.Dims)
	n, dim, atoms := source.Topology(i).Units(), m.enc.dict.Dim, m.enc.dict.N()
	var err error
	if w.group, err = source.Open(i, w.group); err != nil {
		return sum, err
	}
	w.codes.Reset()
	if err := m.enc.engine.Encode(ctx, manifold.Span{Group: w.group, Last: n, Fill: true}, &w.encode, &w.codes); err != nil {
		return sum, err
	}
	w.units.Stride = dim
	if err := w.group.Read(0, n, &w.units); err != nil {
		return sum, err
	}
	w.pixels = source.Pixels(i, w.pixels)
	width := m.p.Width()
	w.beta, w.phi = make([]float32, n*width), make([]float32, n*atoms)
	m.p.Embed(&w.codes, 0, n, &w.project, w.beta)
	for t := range n {
		for k := w.codes.Start[t]; k < w.codes.Start[t+1]; k++ {
			v := float32(1)
			if len(w.codes.Value) > 0 {
				v = float32(w.codes.Value[k]) / sparse.SoftUnit
			}
			w.phi[t*atoms+int(w.codes.Atom[k])] = v
		}
	}
	for k, of := range []struct {
		rows   []float32
		stride int
	}{{w.pixels, dim}, {w.units.Vectors.X, dim}, {w.phi, atoms}, {w.beta, width}} {
		for t := far; t+far < n; t++ {
			if w.units.Vectors.Blank[t-far] || w.units.Vectors.Blank[t] || w.units.Vectors.Blank[t+far] {
				continue
			}
			if angle, turns := turn(of.rows[(t-far)*of.stride:], of.rows[t*of.stride:], of.rows[(t+far)*of.stride:], of.stride); turns {
				sum.angles[k] += angle
				sum.turns[k]++
			}
		}
	}
	w.changes(&sum, n, width)
	return sum, nil
}

// changes adds up how β changes at a place, and how far it is from its mean there.
func (w *walker) changes(sum *motion, n, width int) {
	blank := w.units.Vectors.Blank
	mean, seen := make([]float64, len(sum.changes)), 0.0
	for t := range n {
		if !blank[t] {
			seen++
			for j := range mean {
				mean[j] += float64(w.beta[t*width+j])
			}
		}
	}
	for t := range n {
		if blank[t] {
			continue
		}
		step := t+1 < n && !blank[t+1]
		for j := range mean {
			v := float64(w.beta[t*width+j])
			sum.deviations[j] += (v - mean[j]/seen) * (v - mean[j]/seen)
			if step {
				change := float64(w.beta[(t+1)*width+j]) - v
				sum.changes[j] += change * change
			}
		}
		if step {
			sum.steps++
		}
	}
	sum.values += seen
}
