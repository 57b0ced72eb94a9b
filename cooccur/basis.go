package cooccur

import (
	"math"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/spectral"
)

// Basis spans a space of codes that the quadratic forms do not connect with the
// rest.
//
// When the dictionary is closed under flips and every group counts with its
// flip, V and L do not change under the permutation of atoms that a flip is.
// The codes then split into two such spaces: those a flip leaves as they are
// (Parity 1) and those it negates (Parity −1). Each is about half as large, so
// solving both costs a quarter.
type Basis struct {
	Parity int // 1, −1, or 0 for all codes

	// Coordinate p is atom first[p] plus or minus its flip second[p], over √2, or
	// atom first[p] alone where they are the same.
	orbits
}

// Bases returns the bases for atoms with the given flips; nil is no flips.
func Bases(atoms int, mirror []uint16) []Basis {
	if mirror == nil {
		all := make([]int32, atoms)
		for a := range all {
			all[a] = int32(a)
		}
		return []Basis{BasisOf(all)}
	}
	even, odd := Basis{Parity: 1, orbits: newOrbits(mirror)}, Basis{Parity: -1}
	for i, a := range even.first {
		if b := even.second[i]; a != b { // an atom that is its own flip is even
			odd.first, odd.second = append(odd.first, a), append(odd.second, b)
		}
	}
	return []Basis{even, odd}
}

// BasisOf is the basis of codes on some atoms, which no form connects with the others. They are not copied.
func BasisOf(atoms []int32) Basis { return Basis{orbits: orbits{atoms, atoms}} }

// orbits are the atoms of a dictionary, each with its flip: first[o] ≤ second[o].
type orbits struct{ first, second []int32 }

func newOrbits(mirror []uint16) orbits {
	var o orbits
	for a, b := range mirror {
		if int(b) >= a {
			o.first, o.second = append(o.first, int32(a)), append(o.second, int32(b))
		}
	}
	return o
}

// Size is the number of coordinates.
func (b *Basis) Size() int { return len(b.first) }

// Atom is an atom that coordinate i stands for.
func (b *Basis) Atom(i int) int { return int(b.first[i]) }

// element is a form's element (i, j), of its sums over pairs of atoms and of
// atoms with flips (Dense has all of them).
func (b *Basis) element(i, j int, same, crossed int64) float64 {
	v := (float64(same) + float64(b.Parity)*float64(crossed)) / 2
	if b.first[i] == b.second[i] {
		v /= math.Sqrt2
	}
	if b.first[j] == b.second[j] {
		v /= math.Sqrt2
	}
	return v
}

// Expand writes the linear form y on the coordinates as one on the atoms.
func (b *Basis) Expand(y, atoms []float32) {
	clear(atoms)
	for i, v := range y {
		first, second := b.first[i], b.second[i]
		if first == second {
			atoms[first] = v
			continue
		}
		atoms[first] = v / math.Sqrt2
		atoms[second] = float32(b.Parity) * atoms[first]
	}
}

// restrict is the inverse for one linear form on atoms.
func (b *Basis) restrict(atoms, y []float32) {
	for i, a := range b.first {
		v := atoms[a]
		if second := b.second[i]; second != a {
			v = (v + float32(b.Parity)*atoms[second]) / math.Sqrt2
		}
		y[i] = v
	}
}

// restrictRows is the inverse of Expand: linear forms on atoms, on the coordinates, k × Size.
func (b *Basis) restrictRows(atoms [][]float32) linalg.Matrix {
	y := linalg.New(len(atoms), b.Size())
	for k, row := range atoms {
		b.restrict(row, y.Row(k))
	}
	return y
}

// coordinates are the rows of P that a solution on the codes that b spans leads to.
func (b *Basis) coordinates(s *spectral.Solution, atoms int) []Coordinate {
	all := make([]Coordinate, len(s.Values))
	for i, value := range s.Values {
		all[i] = Coordinate{value, int8(b.Parity), make([]float32, atoms)}
		b.Expand(s.Vectors.Row(i), all[i].Atoms)
	}
	return all
}
