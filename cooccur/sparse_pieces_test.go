package cooccur

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// scattered are short lines of few of many atoms, whose graphs are in pieces.
func scattered(t *rapid.T, atoms int) (all [][]int) {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	for range rapid.IntRange(0, 2*atoms).Draw(t, "lines") {
		line := make([]int, 1+rng.IntN(3))
		for k := range line {
			line[k] = rng.IntN(atoms+1) - 1
		}
		all = append(all, line)
	}
	return all
}

// Two atoms are in one piece if and only if there is a way between them by elements of C, the definition's, that are
// not 0.
func TestPiecesAreThoseOfTheDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		atoms := rapid.IntRange(1, 14).Draw(rt, "atoms")
		c := falling(rapid.IntRange(1, 3).Draw(rt, "radius"))
		c.Slots = rapid.Bool().Draw(rt, "slots")
		all := scattered(rt, atoms)
		_, l := defined(all, c, atoms)
		if c.Slots {
			l = definedSlots(all, c, atoms)
		}
		way := make([][]bool, atoms)
		for a := range way {
			way[a] = make([]bool, atoms)
			for b := range way[a] {
				way[a][b] = a == b || l.At(a, b) < -1e-9
			}
		}
		for k := range atoms {
			for a := range atoms {
				for b := range atoms {
					way[a][b] = way[a][b] || way[a][k] && way[k][b]
				}
			}
		}
		pieces := countedTexts(t, c, atoms, all).Pieces()
		at := make([]int, atoms)
		last := atoms
		for i, piece := range pieces {
			if len(piece) > last || i > 0 && len(piece) == last && piece[0] < pieces[i-1][0] || !slices.IsSorted(piece) {
				rt.Fatalf("pieces %v are out of order", pieces)
			}
			last = len(piece)
			for _, a := range piece {
				at[a] = i + 1
			}
		}
		for a := range atoms {
			for b := range atoms {
				if at[a] == 0 || (at[a] == at[b]) != way[a][b] {
					rt.Fatalf("pieces %v: a way between %d and %d is %t", pieces, a, b, way[a][b])
				}
			}
		}
	})
}

// What is found on a piece are the solutions of the whole, in float64, that are 0 beside it. Each word of the ring is near those up to three
// places from it; the last ones are near one another, or themselves, or nothing.
func TestAPieceIsSolvedAsPartOfTheWhole(t *testing.T) {
	const n, ring = 130, 120
	rng := rand.New(rand.NewPCG(9, 9))
	var all [][]int
	for range 300 {
		at, line := rng.IntN(ring), []int{}
		for range 30 {
			at = (at + ring + rng.IntN(7) - 3) % ring
			line = append(line, (at+5)%n) // not the first ones
		}
		all = append(all, line)
	}
	for a := range n {
		if place := (a + n - 5) % n; place >= ring {
			all = append(all, []int{a}, []int{a, (a + 1) % 3})
		}
	}
	for _, of := range []Transform{{}, {Power: 0.5}} {
		for _, slots := range []bool{false, true} {
			c := falling(2)
			c.Slots = slots
			s := countedTexts(t, c, n, all)
			piece := s.Pieces()[0]
			if len(piece) != ring {
				t.Fatalf("the largest piece has %d atoms", len(piece))
			}
			v, l := s.forms()
			if of != (Transform{}) {
				v, l = transformed(s, of)
			}
			partV, partL := mat.NewSymDense(ring, nil), mat.NewSymDense(ring, nil)
			for i, a := range piece {
				for j, b := range piece[:i+1] {
					partV.SetSym(i, j, v.At(int(a), int(b)))
					partL.SetSym(i, j, l.At(int(a), int(b)))
				}
			}
			want := exact(t, partV, partL)
			problem, basis := s.Transformed(of), BasisOf(piece)
			got, err := problem.Smallest(t.Context(), basis, 7, nil, Search{Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			var rows [][]float32
			for j, p := range got {
				rows = append(rows, p.Atoms)
				if math.Abs(p.Eigenvalue-want[j]) > 2e-4 {
					t.Errorf("%+v, slots %t: eigenvalue %d is %g, want %g", of, slots, j, p.Eigenvalue, want[j])
				}
				for a, x := range p.Atoms {
					if x != 0 && !slices.Contains(piece, int32(a)) {
						t.Errorf("%+v, slots %t: coordinate %d is %g at %d, which is in another piece", of, slots, j, x, a)
					}
				}
			}
			fv, fl, err := problem.Forms(t.Context(), basis, rows)
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range got {
				if x, y := float64(fv[8*i]), float64(fl[8*i]); math.Abs(x-1) > 1e-4 || math.Abs(y-p.Eigenvalue) > 2e-4 {
					t.Errorf("%+v, slots %t: coordinate %d has the variance %g and the difference %g, want 1 and %g", of, slots, i, x, y, p.Eigenvalue)
				}
			}
		}
	}
}
