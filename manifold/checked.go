package manifold

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// What a source gives is looked at here, where it is taken: what is wrong with it is an
// error, not a panic of a worker or a wrong result.

// faultError is what is wrong with what a source gave of a group, whose number whoever opened it adds.
type faultError struct {
	group int // -1 is not known
	fault string
}

func faulty(format string, args ...any) error { return &faultError{-1, fmt.Sprintf(format, args...)} }

func (e *faultError) Error() string {
	if e.group < 0 {
		return "smt: the source is at fault: " + e.fault
	}
	return fmt.Sprintf("smt: the source is at fault in group %d: %s", e.group, e.fault)
}

// ofGroup is err with the number of the group, if it is a fault.
func ofGroup(i int, err error) error {
	var fault *faultError
	if errors.As(err, &fault) && fault.group < 0 {
		return &faultError{i, fault.fault}
	}
	return err
}

// topology is that of group i.
func topology(src Source, i int) (cooccur.Topology, error) {
	t := src.Topology(i)
	if t == nil {
		return nil, ofGroup(i, faulty("Topology is nil"))
	}
	if n := t.Units(); n < 0 || n > math.MaxInt32 {
		return nil, ofGroup(i, faulty("its topology has %s, want 0 to %d", plural.Of(n, "unit"), math.MaxInt32))
	}
	return t, nil
}

// open begins to read group i.
func open(src Source, i int, last Group) (Group, error) {
	g, err := src.Open(i, last)
	if err == nil && g == nil {
		return nil, ofGroup(i, faulty("Open gave no group and no error"))
	}
	return g, err
}

// readVectors reads units first to last-1, to be coded.
func (e *Encoder) readVectors(g Group, first, last int, s *Scratch) error {
	s.stray.Reset()
	s.units.Stride, s.units.Codes = e.coder.Stride(), &s.stray
	if err := g.Read(first, last, &s.units); err != nil {
		return err
	}
	v, stride := &s.units.Vectors, e.coder.Stride()
	switch {
	case s.stray.N() != 0 || s.stray.Active() > 0:
		return faulty("Read gave codes of units %d to %d, want vectors of %s", first, last-1, plural.Of(e.dim, "value"))
	case v.N != last-first:
		return faulty("Read gave %s of units %d to %d, want %d", plural.Of(v.N, "vector"), first, last-1, last-first)
	case v.Stride != stride:
		return faulty("Read gave vectors %s apart, want %d, as Units.Stride says", plural.Of(v.Stride, "value"), stride)
	case len(v.X) < sparse.WholeGroups(v.N)*stride:
		return faulty("Read gave %s of %s, want %d, as Vectors.Reset makes room for", plural.Of(len(v.X), "value"), plural.Of(v.N, "vector"), sparse.WholeGroups(v.N)*stride)
	case len(v.Blank) != v.N:
		return faulty("Read gave %s of Blank of %s, want as many", plural.Of(len(v.Blank), "entry"), plural.Of(v.N, "vector"))
	}
	for i, blank := range v.Blank {
		row := v.X[i*stride:][:stride]
		simd.DotRows(firstRow, row, row, stride, s.square[:])
		if square := float64(s.square[0]); !blank && !(math.Abs(square-1) <= 1e-3) {
			return faulty("unit %d has a vector of length %.4g, want 1, or Blank", first+i, math.Sqrt(square))
		}
	}
	return nil
}

// firstRow names the only row of a table of one.
var firstRow = []uint16{0}

// checkCodes reports codes that a source gave of a group, units or atoms that there are not.
func (e *Encoder) checkCodes(codes *sparse.Codes, units int) error {
	if e.coder != nil {
		return nil
	}
	switch {
	case codes.N() != units:
		return faulty("Read gave codes of %s, want %d", plural.Of(codes.N(), "unit"), units)
	case codes.Start[0] != 0 || !slices.IsSorted(codes.Start) || int(codes.Start[units]) != codes.Active():
		return faulty("Read gave codes whose Start does not number their %s", plural.Of(codes.Active(), "atom"))
	case e.cfg.Sparse && len(codes.Atom) > 0:
		return faulty("Read gave atoms of 16 bits, want Codes.AddWide, as Config.Sparse is set")
	case !e.cfg.Sparse && len(codes.Wide) > 0:
		return faulty("Read gave atoms of 32 bits, want Codes.Add, or Config.Sparse")
	}
	if soft := e.origin.Denominator != 1; soft && len(codes.Value) != len(codes.Atom) || !soft && len(codes.Value) > 0 {
		return faulty("Read gave %s and %s, want values of codes of kind %q or %q alone", plural.Of(len(codes.Atom), "atom"), plural.Of(len(codes.Value), "value"), sparse.Soft, sparse.L1)
	}
	if e.cfg.Sparse {
		return nil // which sparse statistics look at themselves
	}
	for u := range codes.N() {
		last := -1
		for _, a := range codes.Row(u) {
			if int(a) <= last || int(a) >= e.atoms {
				return faulty("unit %d has the atom %d after %d, want increasing ones below %d", u, a, last, e.atoms)
			}
			last = int(a)
		}
	}
	return nil
}
