package probe

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Options says how to train. The zero value is a good choice.
type Options struct {
	// Strengths are those to choose from. A single one is taken as it is, and no rows are held
	// out. The default is DefaultStrengths.
	Strengths []float64
	// HoldOut is the share of the rows that strengths are compared on. The default is 0.1.
	HoldOut float64
	// Together is the number of rows in succession that are of one item, an image and its flip for
	// instance. They are held out together. The default is 1.
	Together int
	// Seed decides which rows are held out.
	Seed uint64
	// Tolerance is how long a gradient the solver may leave, as a share of that of a probe that
	// knows nothing. The default is DefaultTolerance.
	Tolerance float64
	// MaxPasses is the number of passes through the rows, at every strength, after which the solver
	// moves on. The default is 200.
	MaxPasses int
	// Progress, if not nil, is told after each pass how far training is, done of total. It leaps
	// where fewer passes than MaxPasses were enough.
	Progress func(done, total int)
}

// DefaultStrengths are half a decade apart.
var DefaultStrengths = []float64{1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6}

// DefaultTolerance leaves cross-entropies within a thousandth of the least, and does not change accuracies.
const DefaultTolerance = 1e-2

func (o Options) complete() (Options, error) {
	if len(o.Strengths) == 0 {
		o.Strengths = DefaultStrengths
	}
	o.Strengths = slices.Clone(o.Strengths)
	slices.SortFunc(o.Strengths, func(a, b float64) int { return cmp.Compare(b, a) })
	o.HoldOut = cmp.Or(o.HoldOut, 0.1)
	o.Together = cmp.Or(o.Together, 1)
	o.Tolerance = cmp.Or(o.Tolerance, DefaultTolerance)
	o.MaxPasses = cmp.Or(o.MaxPasses, 200)
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	for _, s := range o.Strengths {
		if !(s > 0) || math.IsInf(s, 1) {
			return o, fmt.Errorf("probe: strength %g: want a positive number", s)
		}
	}
	switch {
	case !(o.HoldOut > 0 && o.HoldOut < 1):
		return o, fmt.Errorf("probe: %g of the rows held out: want a part between 0 and 1", o.HoldOut)
	case o.Together < 1 || o.MaxPasses < 1 || !(o.Tolerance > 0):
		return o, fmt.Errorf("probe: %s together, %s, tolerance %g: want positive numbers", plural.Of(o.Together, "row"), plural.Of(o.MaxPasses, "pass"), o.Tolerance)
	}
	return o, nil
}

// Train chooses a strength and trains on all rows with it. It may be called again, with other options.
//
// It begins with the largest strength, whose probe is soon found. Each probe starts from the one before. When ctx is
// done it returns ctx's error.
func (t *Trainer) Train(ctx context.Context, options Options) (*Classifier, error) {
	o, err := options.complete()
	if err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	present, class := t.present()
	scaled, mean, scale := t.rows.centred()
	if scaled == nil {
		return nil, fmt.Errorf("probe: all %s are the same", plural.Of(t.rows.n, "row"))
	}
	problem := &objective{rows: scaled, mean: mean, k: len(present), class: class, count: make([]bool, t.rows.n)}
	c := &Classifier{Strength: o.Strengths[0], dim: t.dim, stride: t.rows.stride, classes: t.classes, present: present}
	r := &run{ctx: ctx, Options: o, total: o.MaxPasses}
	var chosen *solver
	if len(o.Strengths) > 1 {
		r.total *= len(o.Strengths) + 1
		if chosen, c.Strength, c.Trials, err = r.choose(problem); err != nil {
			return nil, err
		}
	}

	problem.countAll()
	s := newSolver(problem)
	enough := o.Tolerance * s.norm()
	if chosen != nil {
		s.adopt(chosen)
	}
	s.restrengthen(c.Strength)
	if _, err := r.minimise(s, enough); err != nil {
		return nil, err
	}
	c.take(s, scale)
	return c, nil
}

// run is a call of Train.
type run struct {
	ctx context.Context
	Options
	done, total int // passes, as if each strength took the most that it may
}

// minimise lets the solver go on, and returns the number of passes that it took.
func (r *run) minimise(s *solver, enough float64) (passes int, err error) {
	before := s.step
	if _, err := s.minimise(r.ctx, enough, r.MaxPasses, func(pass int) { r.Progress(r.done+pass, r.total) }); err != nil {
		return 0, err
	}
	r.done += r.MaxPasses
	r.Progress(r.done, r.total)
	return s.step - before, nil
}

// choose trains on the rows that are not held out, with one strength after the other. It returns the best strength,
// and the solver with the parameters that the best one led to.
func (r *run) choose(problem *objective) (*solver, float64, []Trial, error) {
	n := len(problem.count)
	problem.n = holdOut(problem.count, r.Options)
	if problem.n == n || problem.n == 0 {
		return nil, 0, nil, fmt.Errorf("probe: %g of %s, %d at a time, are none or all: nothing to choose a strength by", r.HoldOut, plural.Of(n, "row"), r.Together)
	}
	s := newSolver(problem)
	enough := r.Tolerance * s.norm()
	var trials []Trial
	var p []float32
	top := Trial{Accuracy: -1}
	for _, strength := range r.Strengths {
		s.restrengthen(strength)
		passes, err := r.minimise(s, enough)
		if err != nil {
			return nil, 0, nil, err
		}
		accuracy, entropy := problem.heldOut(s.z)
		trial := Trial{strength, accuracy, entropy, passes}
		trials = append(trials, trial)
		if trial.Accuracy > top.Accuracy {
			top, p = trial, slices.Clone(s.p)
		}
	}
	s.restrengthen(0) // the solver that adopts this one begins at 0
	s.p = p
	return s, top.Strength, trials, nil
}

// present lists the classes that have rows, and each row's place in the list.
func (t *Trainer) present() (list []uint16, place []int32) {
	at := make([]int32, t.classes)
	for _, c := range t.class {
		at[c] = 1
	}
	for c, has := range at {
		if has > 0 {
			at[c] = int32(len(list))
			list = append(list, uint16(c))
		}
	}
	place = make([]int32, len(t.class))
	for i, c := range t.class {
		place[i] = at[c]
	}
	return list, place
}

// holdOut sets the rows that are not held out and returns their number.
func holdOut(count []bool, o Options) (n int) {
	groups := (len(count) + o.Together - 1) / o.Together
	order := rand.New(rand.NewPCG(o.Seed, 0x70726f6265)).Perm(groups)
	out := int(math.Round(o.HoldOut * float64(groups)))
	for _, g := range order[out:] {
		for i := g * o.Together; i < min(len(count), (g+1)*o.Together); i++ {
			count[i] = true
			n++
		}
	}
	return n
}

// take makes the parameters of the solver those of the classifier. The solver's logits are W·(x/s − mean) + b; the
// classifier's weights are for x itself.
func (c *Classifier) take(s *solver, scale float64) {
	c.Objective, _, _ = s.along(s.p, s.g, s.z, s.z, 0)
	w, b := s.split(s.p)
	c.weights = make([]float32, len(w))
	for i := range c.present {
		c.numbers = append(c.numbers, uint16(i))
		row := w[i*c.stride : (i+1)*c.stride]
		c.bias = append(c.bias, float64(b[i])-dot(row, s.mean))
		for j, v := range row {
			c.weights[i*c.stride+j] = float32(float64(v) / scale)
		}
	}
}
