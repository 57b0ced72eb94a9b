package dictionary

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/sparse"
)

// Learning is how Learn learns atoms.
type Learning struct {
	Atoms  int     `json:"atoms"`
	Lambda float64 `json:"lambda"` // λ of the L1 codes
	// Signed codes have values of either sign, others none below zero.
	Signed bool `json:"signed"`
	Units  int  `json:"units"`  // that are drawn from the sample, blank ones included
	Passes int  `json:"passes"` // over them
	Batch  int  `json:"batch"`  // units between two changes of the atoms
}

// check reports the first field that makes no sense.
func (l Learning) check() error {
	most := sparse.MaxAtoms
	if l.Signed {
		most /= 2 // each comes with its negative
	}
	switch {
	case l.Atoms < 1 || l.Atoms > most:
		return fmt.Errorf("dictionary: learning %s: want 1 to %d", plural.Of(l.Atoms, "atom"), most)
	case !(l.Lambda >= sparse.LeastL1 && l.Lambda < 1):
		return fmt.Errorf("dictionary: learning with λ %g: want %g to less than 1", l.Lambda, sparse.LeastL1)
	case l.Units < 1 || l.Passes < 1 || l.Batch < 1:
		return fmt.Errorf("dictionary: learning in %s over %s, %d at a time: want 1 of each at least", plural.Of(l.Passes, "pass"), plural.Of(l.Units, "unit"), l.Batch)
	}
	return nil
}

// Learn returns atoms A of length 1 that make the mean of min_α ½‖x − Aα‖² + λ‖α‖₁ over the units x of
// the sample small, learned online (Mairal, Bach, Ponce and Sapiro, ICML 2009). A unit is coded once a
// pass. They depend on the sample, l and the seed, not on the number of workers; on the tier of
// internal/simd as its products of float32 do. Atoms are rounded last (sparse.Round).
//
// Where units have flips, each counts as itself and its flip, atoms are learned in pairs that are flips of
// each other, and their number is even. progress, if not nil, is told of every batch.
func Learn(ctx context.Context, s Sample, l Learning, progress func(done, total int)) (*Dictionary, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	if s.Flip != nil && l.Atoms%2 != 0 {
		return nil, fmt.Errorf("dictionary: learning %s with flips: want an even number", plural.Of(l.Atoms, "atom"))
	}
	drawn, err := s.draw(ctx, 0, 1, 0, s.Groups, (l.Units+s.Groups-1)/s.Groups)
	if err != nil {
		return nil, err
	}
	x := drawn[0]
	if x.Rows < l.Atoms {
		return nil, fmt.Errorf("dictionary: learning %s from %s that are not blank: want as many units at least", plural.Of(l.Atoms, "atom"), plural.Of(x.Rows, "unit"))
	}
	rng := rand.New(rand.NewPCG(s.Seed, 1<<63)) // a stream that no round of draw has
	order := rng.Perm(x.Rows)
	o := newOnline(l, &s, x, order)
	batches := (x.Rows + l.Batch - 1) / l.Batch
	for pass := range l.Passes {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for b := range batches {
			if err := o.step(ctx, order[b*l.Batch:min((b+1)*l.Batch, len(order))]); err != nil {
				return nil, err
			}
			if progress != nil {
				progress(pass*batches+b+1, l.Passes*batches)
			}
		}
	}
	d := &Dictionary{Dim: s.Dim, Atoms: o.atoms.Data}
	for a := 0; s.Flip != nil && a < l.Atoms; a += 2 {
		d.Mirror = append(d.Mirror, uint16(a+1), uint16(a))
	}
	return d.finish(s.Flip), nil
}

// online is the state of learning: the atoms, and what is remembered of the codes α of all units so
// far, the sums of ααᵀ and αxᵀ, in which units of long ago count less.
type online struct {
	l      Learning
	s      *Sample
	each   int           // atoms that change at a time: 2 with flips, an atom and its flip
	x      linalg.Matrix // the units
	atoms  linalg.Matrix // n × dim
	codes  linalg.Matrix // Σααᵀ, n × n
	units  linalg.Matrix // Σαxᵀ, n × dim
	steps  int
	spares int // units that have replaced an atom

	batch []float32 // the units of the batch
	alpha []float32 // their codes
	work  []onlineScratch
}

type onlineScratch struct {
	vectors sparse.Vectors
	search  sparse.Scratch
	weights sparse.Weights
}

// newOnline begins with the units that have the first of the given numbers as atoms.
func newOnline(l Learning, s *Sample, x linalg.Matrix, which []int) *online {
	o := &online{l: l, s: s, each: 1, x: x, atoms: linalg.New(l.Atoms, s.Dim), codes: linalg.New(l.Atoms, l.Atoms), units: linalg.New(l.Atoms, s.Dim)}
	if s.Flip != nil {
		o.each = 2
	}
	for a := 0; a < l.Atoms; a += o.each {
		copy(o.atoms.Row(a), x.Row(which[a]))
		o.mirror(a)
	}
	return o
}

// mirror makes the atom after atom a its flip, where there are flips.
func (o *online) mirror(a int) {
	if o.each == 2 {
		o.s.flipTo(o.atoms.Row(a), o.atoms.Row(a+1))
	}
}

// step codes the units that have the given numbers, and changes the atoms.
func (o *online) step(ctx context.Context, which []int) error {
	n, dim := o.l.Atoms, o.x.Cols
	o.batch, o.alpha = o.batch[:0], append(o.alpha[:0], make([]float32, len(which)*n)...)
	for _, i := range which {
		o.batch = append(o.batch, o.x.Row(i)...)
	}
	if err := o.encode(ctx, len(which)); err != nil {
		return err
	}
	if o.each == 2 {
		o.addFlips(len(which))
	}
	rows := len(o.batch) / dim
	alpha, x := linalg.Wrap(rows, n, o.alpha), linalg.Wrap(rows, dim, o.batch)
	keep, weight := o.forget(len(which)), 1/float32(rows)
	scale(o.codes.Data, keep)
	scale(o.units.Data, keep)
	if err := linalg.AddMulUntil(ctx, o.codes, weight, alpha.T(), alpha); err != nil {
		return err
	}
	linalg.AddMul(o.units, weight, alpha.T(), x)
	o.steps++
	return o.update(ctx, which)
}

// addFlips adds the flips of the units of the batch. Their codes are permuted, an atom for its flip.
func (o *online) addFlips(units int) {
	n, dim := o.l.Atoms, o.x.Cols
	o.batch, o.alpha = append(o.batch, o.batch...), append(o.alpha, o.alpha...)
	for i := units; i < 2*units; i++ {
		o.s.flipTo(o.batch[(i-units)*dim:(i-units+1)*dim], o.batch[i*dim:(i+1)*dim])
		row := o.alpha[i*n : (i+1)*n]
		for a := 0; a < n; a += 2 {
			row[a], row[a+1] = row[a+1], row[a]
		}
	}
}

// forget is what the sums so far are multiplied with before a batch is added: they count as the last
// few batches at first, then as more and more of them, up to as many as a batch has units (as
// scikit-learn's MiniBatchDictionaryLearning does it; Mairal et al., section 3.4).
func (o *online) forget(batch int) float32 {
	b, t := float64(batch), float64(o.steps)
	seen := (t + 1) * b
	if t >= b-1 {
		seen = b*b + t + 1 - b
	}
	return float32((seen + 1 - b) / (seen + 1))
}

func scale(x []float32, by float32) {
	for i := range x {
		x[i] *= by
	}
}

// encode writes the codes of the n units of the batch to alpha, some units at a time.
func (o *online) encode(ctx context.Context, n int) error {
	atoms, dim := o.atoms.Data, o.x.Cols
	if o.l.Signed {
		atoms = sparse.Signed(atoms)
	}
	coder, err := sparse.NewCoder(sparse.L1, o.l.Lambda, atoms, dim, nil)
	if err != nil {
		return err
	}
	const piece = 64
	pieces := (n + piece - 1) / piece
	if o.work == nil {
		o.work = make([]onlineScratch, parallel.Workers(1<<20))
	}
	return parallel.ForErr(ctx, pieces, func(w, p int) error {
		s := &o.work[w]
		first, last := p*piece, min((p+1)*piece, n)
		s.vectors.Pack(o.batch[first*dim:last*dim], dim, coder.Stride())
		if err := coder.Solve(&s.vectors, &s.search, &s.weights); err != nil {
			return err
		}
		for i := range last - first {
			row := o.alpha[(first+i)*o.l.Atoms:][:o.l.Atoms]
			for k := s.weights.Start[i]; k < s.weights.Start[i+1]; k++ {
				if a := int(s.weights.Atom[k]); a < o.l.Atoms {
					row[a] = s.weights.Value[k]
				} else {
					row[a-o.l.Atoms] = -s.weights.Value[k]
				}
			}
		}
		return nil
	})
}

// Signed is d with the negative of each of its atoms, after them: what L1 codes of either sign want
// (sparse.Signed).
func (d *Dictionary) Signed() *Dictionary {
	both := &Dictionary{Dim: d.Dim, Atoms: sparse.Signed(d.Atoms), Mirror: slices.Clone(d.Mirror)}
	for _, m := range d.Mirror {
		both.Mirror = append(both.Mirror, m+uint16(d.N()))
	}
	return both
}
