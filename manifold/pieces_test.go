package manifold

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// shifted are lines with a number added to each word.
func shifted(all [][]int, by int) (other [][]int) {
	for _, line := range all {
		var moved []int
		for _, w := range line {
			moved = append(moved, w+by)
		}
		other = append(other, moved)
	}
	return other
}

// Atoms that co-occur with none of the others have no values, and take no coordinate from them: the solution is
// the one of lines without them, but for the scale of V and L.
func TestAtomsApartAreLeftOut(t *testing.T) {
	const n = 40
	ring := walkers(n, 30, 400)
	apart := append(shifted(ring, 3), []int{0}, []int{1, 2, 1, 2}, []int{n + 3})
	learn := func(all [][]int, atoms int) *Solution {
		e, err := NewOfCodes(sparseConfig(), lines{all, true}, atoms)
		if err != nil {
			t.Fatal(err)
		}
		s, err := e.Learn(t.Context(), lines{all, true}, Run{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	got, want := learn(apart, n+4), learn(ring, n)
	if len(got.Atoms) != n || got.Atoms[0] != 3 || !slices.IsSorted(got.Atoms) || want.Atoms != nil {
		t.Errorf("atoms are %v, and %v of one piece", got.Atoms, want.Atoms)
	}
	for j, k := range got.Kept {
		if math.Abs(k.Eigenvalue-want.Kept[j].Eigenvalue) > 1e-2 {
			t.Errorf("eigenvalue %d is %g, and %g without those apart", j, k.Eigenvalue, want.Kept[j].Eigenvalue)
		}
		if k.Atoms[0] != 0 || k.Atoms[1] != 0 || k.Atoms[2] != 0 || k.Atoms[n+3] != 0 {
			t.Errorf("coordinate %d is %v", j, k.Atoms)
		}
	}
	if v := got.VICReg; math.Abs(v.Invariance-v.EigenvalueSum) > 1e-3*v.EigenvalueSum || math.Abs(v.Variance-1) > 1e-4 || v.Covariance > 1e-6 {
		t.Errorf("objective %+v", v)
	}
}

// Pieces that could be learned by themselves are told with their atoms, and so are those that all are too small.
func TestLargePiecesAreRefused(t *testing.T) {
	ring := walkers(20, 10, 200)
	cfg := sparseConfig() // 5 coordinates
	for _, c := range []struct {
		all   [][]int
		atoms int
		sizes []int // nil where pieces are left out
	}{
		{append(shifted(walkers(7, 10, 200), 20), ring...), 27, []int{20, 7}},
		{append(shifted(walkers(5, 10, 200), 20), ring...), 25, []int{20, 5}},
		{append(shifted(walkers(4, 10, 200), 20), ring...), 24, nil},
		{append(slices.Clone(ring), []int{20, 21}, []int{22, 23, 22}), 24, nil},
		{append(walkers(4, 10, 100), shifted(walkers(3, 10, 100), 4)...), 7, []int{4, 3}},
	} {
		e, err := NewOfCodes(cfg, lines{c.all, true}, c.atoms)
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Learn(t.Context(), lines{c.all, true}, Run{})
		var pieces *PiecesError
		if c.sizes == nil {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if !errors.As(err, &pieces) || len(pieces.Pieces) != len(c.sizes) {
			t.Errorf("sizes %v: error %v", c.sizes, err)
			continue
		}
		for i, piece := range pieces.Pieces {
			if len(piece) != c.sizes[i] {
				t.Errorf("sizes %v: piece %d is %v", c.sizes, i, piece)
			}
		}
	}
}
