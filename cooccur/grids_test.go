package cooccur

import (
	"context"
	"testing"

	"github.com/sparse-manifold/smt/sparse"
)

// dense is NewDense for grids of one size.
func dense(c Context, atoms, unit, rows, cols int) (*Dense, error) {
	return NewDense(Origin{Context: c, Atoms: atoms, Denominator: unit, Grid: Grid{rows, cols}})
}

// packed is NewPacked for grids of one size.
func packed(mirror []uint16, rows, cols int) (*Packed, error) {
	return NewPacked(packedOrigin(mirror, rows, cols), mirror)
}

func packedOrigin(mirror []uint16, rows, cols int) Origin {
	return Origin{Context: Context{Kind: Whole, Difference: 2}, Atoms: len(mirror), Denominator: 1, Grid: Grid{rows, cols}}
}

// groups are codes of the grids that statistics are of.
func groups(codes []*sparse.Codes) []Group {
	all := make([]Group, len(codes))
	for i, c := range codes {
		all[i].Codes = c
	}
	return all
}

// accumulate adds all codes to s.
func accumulate(s Statistics, codes []*sparse.Codes) error {
	_, err := s.Accumulate(context.Background(), groups(codes))
	return err
}

// pencils are V and L on all parts of codes. mirror, the flip of each atom, adds the flip of
// every group.
func pencils(s *Dense, mirror []uint16) []pencil {
	var all []pencil
	for _, b := range Bases(s.Atoms, mirror) {
		all = append(all, s.pencil(b))
	}
	return all
}

// loaded is Load of statistics of a kind.
func loaded[S Statistics](t testing.TB, path string) (S, map[string]string) {
	t.Helper()
	s, notes, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return s.(S), notes
}
