package cooccur

import (
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// Pencil is the pair of quadratic forms V and L, both n × n and symmetric, on a
// space of codes. Rows are whole blocks of 32 values apart, with zeros between.
type Pencil struct {
	Basis
	V, L linalg.Matrix
}

// Pencils returns V and L of s. mirror, the flip of each atom, adds the flip of
// every image to the statistics; nil does not.
func (s *Statistics) Pencils(mirror []uint16) []Pencil {
	var all []Pencil
	for _, b := range Bases(s.Atoms, mirror) {
		all = append(all, s.Pencil(b))
	}
	return all
}

// Pencil returns V and L of s on the codes that b spans.
func (s *Statistics) Pencil(b Basis) Pencil {
	n := b.Size()
	p := Pencil{Basis: b, V: linalg.NewPadded(n, n), L: linalg.NewPadded(n, n)}
	stride := p.V.RowStride
	unit := float64(s.Unit) * float64(s.Unit)
	vScale := 1 / (unit * float64(max(1, s.Coded)))
	var lScale float64
	switch {
	case s.Context.Kind == Image:
		patches := float64(s.GridRows * s.GridCols)
		lScale = vScale / (patches * (1 << weightBits))
	case s.Context.Difference == 1:
		lScale = 2 / (unit * float64(max(1, s.Pairs)))
	default:
		lScale = 1 / (unit * (1 << (2 * meanBits)) * float64(max(1, s.Inner)))
	}
	parallel.For(n, func(_, i int) {
		for j := range i + 1 {
			v, m := vScale*p.sum(s.V, i, j), lScale*p.sum(s.M, i, j)
			l := m
			if s.Context.Kind == Image {
				l = v - m // E[(φ−μ)(φ−μ)ᵀ] = E[φφᵀ] − E[μμᵀ]
			}
			p.V.Data[i*stride+j], p.L.Data[i*stride+j] = float32(v), float32(l)
		}
	})
	linalg.MirrorLower(p.V)
	linalg.MirrorLower(p.L)
	return p
}

// sum is element (i, j) of the form with the sums t.
func (b *Basis) sum(t []int64, i, j int) float64 {
	a0, a1, b0, b1 := int(b.first[i]), int(b.second[i]), int(b.first[j]), int(b.second[j])
	if b.Parity == 0 {
		return float64(at(t, a0, b0))
	}
	return b.element(i, j, at(t, a0, b0)+at(t, a1, b1), at(t, a0, b1)+at(t, a1, b0))
}

// at is element (a, b) of a symmetric matrix given by its lower triangle.
func at(t []int64, a, b int) int64 {
	if a < b {
		a, b = b, a
	}
	return t[a*(a+1)/2+b]
}
