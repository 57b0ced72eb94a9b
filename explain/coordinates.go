package explain

import (
	"cmp"
	"slices"

	"github.com/sparse-manifold/smt"
)

// Function is a learned coordinate, seen as a function on the dictionary.
type Function struct {
	// Number counts from 0 for the smoothest there is: the Skip functions dropped
	// come first, then those of the embedding.
	Number     int     `json:"number"`
	Dropped    bool    `json:"dropped,omitempty"`
	Eigenvalue float64 `json:"eigenvalue"`
	Parity     int     `json:"parity,omitempty"` // under flips: 1, −1, or 0 for a model without
	// Positive and Negative are the atoms where it is largest and smallest, the
	// extreme one first.
	Positive []Share `json:"positive"`
	Negative []Share `json:"negative"`
}

// Functions are the first n learned coordinates that were kept, smoothest first,
// after all that were dropped, with k atoms at either end. Their value at an atom
// is that of its embedding as a patch, over ‖β‖: Σ_b φ_b P_jb/‖β‖, φ the code of
// the atom. (P_ja alone is largest at atoms that hardly any patch has.) atoms is
// the gallery of the atoms.
func Functions(m *smt.Model, atoms *Gallery, n, k int) []Function {
	var all []Function
	add := func(f Function, value func(a int) float64) {
		f.Positive, f.Negative = extremes(atoms.Len(), k, value)
		all = append(all, f)
	}
	for j, c := range m.Stages().Dropped {
		values := atoms.apply(c.Atoms)
		add(Function{Number: j, Dropped: true, Eigenvalue: c.Eigenvalue, Parity: int(c.Parity)},
			func(a int) float64 { return values[a] })
	}
	values, parity, d := m.Stages().Eigenvalues, m.Stages().Layout.Parity, m.Config().Dims
	for j := range min(n, d) {
		f := Function{Number: m.Config().Skip + j, Eigenvalue: values[j]}
		if parity != nil {
			f.Parity = int(parity[j])
		}
		add(f, func(a int) float64 { return float64(atoms.beta[a*d+j]) })
	}
	return all
}

// apply is Σ_b φ_b y_b/‖β‖ of every patch: a linear form y on codes.
func (g *Gallery) apply(y []float32) []float64 {
	out := make([]float64, g.n)
	for i := range out {
		if g.norm[i] == 0 {
			continue
		}
		for k := int(g.codes.Start[i]); k < int(g.codes.Start[i+1]); k++ {
			out[i] += value(g.codes, k) * float64(y[g.codes.Atom[k]]) / g.norm[i]
		}
	}
	return out
}

func extremes(n, k int, value func(a int) float64) (positive, negative []Share) {
	all := make([]Share, n)
	for a := range all {
		all[a] = Share{a, value(a)}
	}
	slices.SortStableFunc(all, func(x, y Share) int { return cmp.Compare(y.Value, x.Value) })
	k = min(k, n/2)
	positive, negative = slices.Clone(all[:k]), slices.Clone(all[n-k:])
	slices.Reverse(negative)
	return positive, negative
}
