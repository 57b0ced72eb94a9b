package cooccur

import (
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// Pencil is the pair of quadratic forms V and L, both n × n and symmetric, on a
// space of codes.
//
// When the dictionary is closed under flips and every image counts with its
// flip, V and L do not change under the permutation of atoms that a flip is.
// The codes then split into two spaces that neither form connects: those a flip
// leaves as they are (Parity 1) and those it negates (Parity −1). Each is about
// half as large, so solving both costs a quarter.
type Pencil struct {
	Parity int // 1, −1, or 0 for all codes
	V, L   linalg.Matrix

	// Coordinate p is atom first[p] plus or minus atom second[p], over √2, or
	// atom first[p] alone where they are the same.
	first, second []int
	sign          float64
}

// Pencils returns V and L of s. mirror, the flip of each atom, adds the flip of
// every image to the statistics; nil does not.
func (s *Statistics) Pencils(mirror []uint16) []Pencil {
	if mirror == nil {
		p := Pencil{}
		for a := range s.Atoms {
			p.first, p.second = append(p.first, a), append(p.second, a)
		}
		p.fill(s, func(t []int64, i, j int) float64 { return float64(at(t, i, j)) })
		return []Pencil{p}
	}
	even, odd := Pencil{Parity: 1, sign: 1}, Pencil{Parity: -1, sign: -1}
	for a, b := range mirror {
		if int(b) < a {
			continue
		}
		even.first, even.second = append(even.first, a), append(even.second, int(b))
		if int(b) != a {
			odd.first, odd.second = append(odd.first, a), append(odd.second, int(b))
		}
	}
	pencils := []Pencil{even, odd}
	for i := range pencils {
		p := &pencils[i]
		p.fill(s, func(t []int64, i, j int) float64 {
			a, a2, b, b2 := p.first[i], p.second[i], p.first[j], p.second[j]
			same, crossed := at(t, a, b)+at(t, a2, b2), at(t, a, b2)+at(t, a2, b)
			v := (float64(same) + p.sign*float64(crossed)) / 2
			for _, self := range []bool{a == a2, b == b2} {
				if self {
					v /= math.Sqrt2
				}
			}
			return v
		})
	}
	return pencils
}

// at is element (a, b) of a symmetric matrix given by its lower triangle.
func at(t []int64, a, b int) int64 {
	if a < b {
		a, b = b, a
	}
	return t[a*(a+1)/2+b]
}

// fill computes V and L; element gives a coordinate pair's sum.
func (p *Pencil) fill(s *Statistics, element func(t []int64, i, j int) float64) {
	n := len(p.first)
	p.V, p.L = linalg.New(n, n), linalg.New(n, n)
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
			v, m := vScale*element(s.V, i, j), lScale*element(s.M, i, j)
			l := m
			if s.Context.Kind == Image {
				l = v - m // E[(φ−μ)(φ−μ)ᵀ] = E[φφᵀ] − E[μμᵀ]
			}
			p.V.Data[i*n+j], p.V.Data[j*n+i] = float32(v), float32(v)
			p.L.Data[i*n+j], p.L.Data[j*n+i] = float32(l), float32(l)
		}
	})
}

// Expand writes the linear form y on the pencil's coordinates as one on the
// atoms: Atoms values.
func (p *Pencil) Expand(y, atoms []float32) {
	clear(atoms)
	for i, v := range y {
		a, b := p.first[i], p.second[i]
		if a == b {
			atoms[a] = v
			continue
		}
		atoms[a] = v / math.Sqrt2
		atoms[b] = float32(p.sign) * atoms[a]
	}
}

// Restrict is the inverse: linear forms on atoms, k × Atoms, on the pencil's
// coordinates, k × n.
func (p *Pencil) Restrict(atoms linalg.Matrix) linalg.Matrix {
	y := linalg.New(atoms.Rows, len(p.first))
	for k := range atoms.Rows {
		for i, a := range p.first {
			v := atoms.At(k, a)
			if b := p.second[i]; b != a {
				v = (v + float32(p.sign)*atoms.At(k, b)) / math.Sqrt2
			}
			y.Data[k*y.Cols+i] = v
		}
	}
	return y
}

// Atom is an atom that coordinate i stands for.
func (p *Pencil) Atom(i int) int { return p.first[i] }
