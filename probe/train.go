package probe

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Options says how to train. The zero value is a good choice.
type Options struct {
	// Strengths are those to choose from; one alone is taken as it is, without holding
	// rows out. Without any they are DefaultStrengths.
	Strengths []float64
	// HoldOut is the part of the rows that strengths are compared on: by default 0.1.
	HoldOut float64
	// Together says how many rows in succession are of one image, an image and its
	// flip for instance: they are held out together. The default is 1.
	Together int
	// Seed decides which rows are held out.
	Seed uint64
	// Tolerance is how long the gradient may be that the solver leaves, beside that
	// of a probe that knows nothing. The default is DefaultTolerance.
	Tolerance float64
	// MaxPasses is the number of passes through the rows after which the solver
	// moves on, at every strength. The default is 200.
	MaxPasses int
	// Progress, if not nil, is told after each pass how far training is, done of
	// total; it leaps where fewer passes than MaxPasses were enough.
	Progress func(done, total int)
}

// DefaultStrengths are half a decade apart.
var DefaultStrengths = []float64{1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6}

// DefaultTolerance leaves cross-entropies within a thousandth of the least, and
// accuracies as they are.
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
		return o, fmt.Errorf("probe: %d rows together, %d passes, tolerance %g: want positive numbers", o.Together, o.MaxPasses, o.Tolerance)
	}
	return o, nil
}

// Train chooses a strength and trains on all rows with it. It may be called again,
// with other options.
//
// It starts from the strongest, whose probe is soon found, and each probe starts from
// the one before. When ctx is done it returns its error.
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
		return nil, fmt.Errorf("probe: all %d rows are the same", t.rows.n)
	}
	n := t.rows.n
	problem := &objective{rows: scaled, mean: mean, k: len(present), class: class, count: make([]bool, n)}
	c := &Classifier{dim: t.dim, stride: t.rows.stride, classes: t.classes, present: present}

	at, total := 0, o.MaxPasses
	solve := func(s *solver, first float64) (int, error) {
		before := s.step
		if _, err := s.minimise(ctx, o.Tolerance*first, o.MaxPasses, func(pass int) { o.Progress(at+pass, total) }); err != nil {
			return 0, err
		}
		at += o.MaxPasses
		o.Progress(at, total)
		return s.step - before, nil
	}

	chosen := o.Strengths[0]
	var s *solver
	if len(o.Strengths) > 1 {
		total *= len(o.Strengths) + 1
		problem.n = holdOut(problem.count, o)
		if problem.n == n || problem.n == 0 {
			return nil, fmt.Errorf("probe: %g of %d rows, %d at a time, are none or all: nothing to choose a strength by", o.HoldOut, n, o.Together)
		}
		s = newSolver(problem)
		first := s.norm()
		var bestP []float32
		top := Trial{Accuracy: -1}
		for _, strength := range o.Strengths {
			s.restrengthen(strength)
			passes, err := solve(s, first)
			if err != nil {
				return nil, err
			}
			accuracy, entropy := problem.heldOut(s.z)
			trial := Trial{strength, accuracy, entropy, passes}
			c.Trials = append(c.Trials, trial)
			if trial.Accuracy > top.Accuracy {
				top, bestP = trial, slices.Clone(s.p)
			}
		}
		chosen = top.Strength
		s.p = bestP
	}

	for i := range problem.count {
		problem.count[i] = true
	}
	problem.n, problem.strength = n, 0
	all := newSolver(problem)
	first := all.norm()
	if s != nil {
		all.p, all.steps, all.changes = s.p, s.steps, s.changes
		problem.strength = c.Trials[len(c.Trials)-1].Strength // that the changes are of
		all.logits(all.p, all.z)
		all.gradient(all.p, all.z, all.g)
	}
	all.restrengthen(chosen)
	if _, err := solve(all, first); err != nil {
		return nil, err
	}
	c.Strength = chosen
	c.take(all, scale)
	return c, nil
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

// take makes the solver's parameters those of the classifier, for rows as they come:
// W·(x/s − mean) + b.
func (c *Classifier) take(s *solver, scale float64) {
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
