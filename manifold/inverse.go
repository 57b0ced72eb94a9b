package manifold

import (
	"context"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/sparse"
)

// Inverse leads from the embedding β of a unit back to a code φ̂ whose embedding is near β. P has far
// more columns than rows, and many codes have one embedding: of these the sparse ones without negative
// values are taken,
//
//	φ̂ = argmin ½‖β − Pφ‖² + λ‖β‖ Σ_a ‖P_a‖ φ_a,    φ ≥ 0,
//
// with P_a the columns of P (Chen, Paiton and Olshausen, NeurIPS 2018, section 3, "Reconstruction"). The
// length that the penalty takes from it is given back: φ̂ is scaled so that Pφ̂ is as near to β as
// scaling can make it. It is an L1 code of β/‖β‖ on the columns, scaled to length 1.
type Inverse struct {
	coder   *sparse.Coder // of the columns; λ is given when decoding
	dims    int
	atoms   []uint16  // of the columns that are not zero
	columns []float32 // these, of length 1
	lengths []float64 // that they had
}

// NewInverse returns the inverse of the map whose transpose Pᵀ has the given rows, atoms × dims.
func NewInverse(rows []float32, dims int) (*Inverse, error) {
	if dims < 1 || len(rows) == 0 || len(rows)%dims != 0 || len(rows)/dims > sparse.MaxAtoms {
		return nil, fmt.Errorf("manifold: inverse: %s are not 1 to %d rows of %s", plural.Of(len(rows), "value"), sparse.MaxAtoms, plural.Of(dims, "coordinate"))
	}
	v := &Inverse{dims: dims}
	for a := range len(rows) / dims {
		column := rows[a*dims : (a+1)*dims]
		length := math.Sqrt(linalg.Dot(column, column))
		if length == 0 {
			continue
		}
		v.atoms, v.lengths = append(v.atoms, uint16(a)), append(v.lengths, length)
		for _, x := range column {
			v.columns = append(v.columns, float32(float64(x)/length))
		}
	}
	if len(v.atoms) == 0 {
		return nil, fmt.Errorf("manifold: inverse: all %s are at zero in all %s", plural.Of(len(rows)/dims, "atom"), plural.Of(dims, "coordinate"))
	}
	var err error
	v.coder, err = sparse.NewCoder(sparse.L1, sparse.LeastL1, v.columns, dims, nil)
	return v, err
}

// inversePiece is the number of embeddings that a worker decodes at a time.
const inversePiece = 64

// Decode returns the codes φ̂ of embeddings beta, n × dims, for a penalty λ, from sparse.LeastL1 to less
// than 1. An embedding of zero has no atom.
func (v *Inverse) Decode(ctx context.Context, beta []float32, lambda float64) (*sparse.Weights, error) {
	coder, err := v.coder.At(lambda)
	if err != nil {
		return nil, err
	}
	n := len(beta) / v.dims
	parts := make([]sparse.Weights, (n+inversePiece-1)/inversePiece)
	scratch := make([]sparse.Scratch, parallel.Workers(len(parts)))
	err = parallel.ForErr(ctx, len(parts), func(w, p int) error {
		from, to := p*inversePiece, min((p+1)*inversePiece, n)
		return v.decode(coder, beta[from*v.dims:to*v.dims], &scratch[w], &parts[p])
	})
	if err != nil {
		return nil, err
	}
	all := &sparse.Weights{Start: []int32{0}}
	for i := range parts {
		at := int32(len(all.Atom))
		for _, end := range parts[i].Start[1:] {
			all.Start = append(all.Start, at+end)
		}
		all.Atom, all.Value = append(all.Atom, parts[i].Atom...), append(all.Value, parts[i].Value...)
	}
	return all, nil
}

func (v *Inverse) decode(coder *sparse.Coder, beta []float32, s *sparse.Scratch, out *sparse.Weights) error {
	var units sparse.Vectors
	units.Pack(beta, v.dims, coder.Stride())
	for i := range units.N {
		x := units.X[i*units.Stride:][:v.dims]
		units.Blank[i] = linalg.Dot(x, x) == 0
		linalg.Unit(x)
	}
	if err := coder.Solve(&units, s, out); err != nil {
		return err
	}
	near := make([]float64, v.dims)
	for i := range units.N {
		from, to := out.Start[i], out.Start[i+1]
		clear(near)
		for k := from; k < to; k++ {
			for j, c := range v.columns[int(out.Atom[k])*v.dims:][:v.dims] {
				near[j] += float64(out.Value[k]) * float64(c)
			}
		}
		var along, square float64
		for j, b := range beta[i*v.dims : (i+1)*v.dims] {
			along, square = along+float64(b)*near[j], square+near[j]*near[j]
		}
		for k := from; k < to; k++ {
			a := out.Atom[k]
			out.Value[k] = float32(float64(out.Value[k]) * along / square / v.lengths[a])
			out.Atom[k] = v.atoms[a]
		}
	}
	return nil
}
