package dictionary

import (
	"context"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/sparse"
)

// SampleOf is the rows of x, vectors of dim values, as one group.
func SampleOf(x []float32, dim int, seed uint64) Sample {
	return Sample{Dim: dim, Groups: 1, Units: len(x) / dim, Seed: seed, Reader: func() func(int, []int) (*sparse.Vectors, error) {
		return func(_ int, which []int) (*sparse.Vectors, error) {
			v := &sparse.Vectors{N: len(which), Stride: dim, Blank: make([]bool, len(which))}
			for _, i := range which {
				v.X = append(v.X, x[i*dim:(i+1)*dim]...)
			}
			return v, nil
		}
	}}
}

// Judgement is how atoms code units.
type Judgement struct {
	Objective float64 `json:"objective"` // the mean of min_α ½‖x − Aα‖² + λ‖α‖₁
	Active    float64 `json:"active"`    // the mean number of active atoms
}

// Judge codes the units x, of length 1, with atoms of length 1 or less, as Learn does with l's λ and sign. Both
// are rows of dim values.
func Judge(ctx context.Context, l Learning, x, atoms []float32, dim int) (j Judgement, err error) {
	if l.Signed {
		atoms = sparse.Signed(atoms)
	}
	coder, err := sparse.NewCoder(sparse.L1, l.Lambda, atoms, dim, nil)
	if err != nil {
		return j, err
	}
	const piece = 512
	n := len(x) / dim
	parts := make([]Judgement, (n+piece-1)/piece) // sums
	work := make([]onlineScratch, parallel.Workers(len(parts)))
	err = parallel.ForErr(ctx, len(parts), func(w, i int) error {
		s := &work[w]
		s.vectors.Pack(x[i*piece*dim:min((i+1)*piece, n)*dim], dim, coder.Stride())
		if err := coder.Solve(&s.vectors, &s.search, &s.weights); err != nil {
			return err
		}
		parts[i] = Judgement{coder.L1Objective(&s.vectors, &s.weights) * float64(s.vectors.N), float64(len(s.weights.Atom))}
		return nil
	})
	for _, p := range parts {
		j.Objective, j.Active = j.Objective+p.Objective/float64(n), j.Active+p.Active/float64(n)
	}
	return j, err
}
