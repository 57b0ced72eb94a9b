package manifold

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/involution"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/sparse"
)

// Config is how units are coded, counted and solved for.
type Config struct {
	// Code is the sparse code and Threshold its t, a cosine. Of ready codes Code says whether
	// they have values (sparse.Kind.Valued).
	Code      sparse.Kind
	Threshold float64

	// Context says which units co-occur.
	Context cooccur.Context
	// Grid is that of the units of a group, where all groups are grids of one size, and Steps
	// are those of its windows. Both are zero where groups differ.
	Grid  cooccur.Grid
	Steps cooccur.Steps
	// Packed chooses packed statistics, for tens of thousands of atoms.
	Packed bool
	// Sparse chooses sparse statistics, for ready codes of one atom a unit, on lines, whose atoms
	// are numbered in 32 bits: words of texts.
	Sparse bool
	// Transform is what becomes of the counts of sparse statistics when they are solved with.
	Transform cooccur.Transform

	// Dims coordinates are kept, after the first Skip.
	Dims, Skip int
	// Ridge, times the mean of its diagonal, is added to the diagonal of V.
	Ridge float64
	// Seed begins the search for coordinates.
	Seed uint64

	// Names are what errors call units and groups.
	Names Names

	// About is a JSON object that describes how units and atoms were chosen. Statistics of
	// another one are not added, and the error says in which fields they differ.
	About string
}

// Names are what units and groups are called: a patch, patches and images for instance.
type Names struct{ Unit, Units, Groups string }

// named is c with names.
func (c Config) named() Config {
	if c.Names == (Names{}) {
		c.Names = Names{"unit", "units", "groups"}
	}
	return c
}

// Encoder codes the units of a space with a dictionary: what is settled before co-occurrence
// is counted. It is immutable and safe for concurrent use.
type Encoder struct {
	cfg    Config
	digest string // of the space
	atoms  int
	dim    int           // of a vector
	mirror []uint16      // the flip of each atom, nil without symmetry
	coder  *sparse.Coder // nil for ready codes
	origin cooccur.Origin
}

// New returns the encoder of the units of a space that are coded with a dictionary.
func New(cfg Config, space Space, d *dictionary.Dictionary) (*Encoder, error) {
	switch {
	case space == nil:
		return nil, errNoSpace
	case cfg.Sparse:
		return nil, errors.New("smt: sparse statistics of units that are coded: want ready codes")
	case d == nil || d.Dim < 1 || len(d.Atoms) == 0 || len(d.Atoms)%d.Dim != 0:
		return nil, errors.New("smt: no dictionary, or one that is not of whole atoms: want atoms of as many values as units have")
	case space.Dim() != d.Dim:
		return nil, fmt.Errorf("smt: units of %s, atoms of %d: want as many", plural.Of(space.Dim(), "value"), d.Dim)
	}
	if err := cfg.check(d.N(), space); err != nil {
		return nil, err
	}
	if err := d.Check(); err != nil {
		return nil, fmt.Errorf("smt: dictionary: %w", err)
	}
	symmetry := space.Symmetry()
	if err := checkSymmetry(symmetry, d.Dim); err != nil {
		return nil, err
	}
	if d.Mirror == nil {
		symmetry = nil
	} else {
		if err := checkMirror(d.Mirror, symmetry, d.N(), d.Dim); err != nil {
			return nil, err
		}
	}
	coder, err := sparse.NewCoder(cfg.Code, cfg.Threshold, d.Atoms, d.Dim, symmetry)
	if err != nil {
		return nil, err
	}
	e := &Encoder{cfg: cfg.named(), digest: space.Digest(), atoms: d.N(), dim: d.Dim, mirror: d.Mirror, coder: coder}
	return e, e.identify(d.Atoms)
}

// NewOfCodes returns the encoder of the units of a space that are codes on so many atoms.
func NewOfCodes(cfg Config, space Space, atoms int) (*Encoder, error) {
	if space == nil {
		return nil, errNoSpace
	}
	most := sparse.MaxAtoms
	if cfg.Sparse {
		most = cooccur.MostAtoms
	}
	if atoms < 1 || atoms > most {
		return nil, fmt.Errorf("smt: codes on %s: want 1 to %d", plural.Of(atoms, "atom"), most)
	}
	if err := cfg.check(atoms, space); err != nil {
		return nil, err
	}
	if space.Dim() != 0 || space.Symmetry() != nil {
		return nil, fmt.Errorf("smt: ready codes of units of %s, with a symmetry of %d: want 0 and none", plural.Of(space.Dim(), "value"), len(space.Symmetry()))
	}
	e := &Encoder{cfg: cfg.named(), digest: space.Digest(), atoms: atoms}
	return e, e.identify(nil)
}

var errNoSpace = errors.New("smt: the space is nil: want the one that units are of")

// check reports what cannot be learned with so many atoms.
func (c Config) check(atoms int, space Space) error {
	if err := c.Context.Validate(); err != nil {
		return err
	}
	if err := c.Transform.Validate(); err != nil {
		return err
	}
	var about map[string]json.RawMessage
	switch {
	case space.Digest() == "":
		return errors.New("smt: the digest of the units is empty: want one that tells them from units made in another way")
	case !slices.Contains(sparse.Kinds(), c.Code):
		return fmt.Errorf("smt: code is %q: want one of %q", c.Code, sparse.Kinds())
	case c.Dims < 1 || c.Skip < 0 || c.Skip > atoms-c.Dims:
		return fmt.Errorf("smt: %s after %d skipped: want at least 1 after at least 0, and no more than the %s", plural.Of(c.Dims, "coordinate"), c.Skip, plural.Of(atoms, "atom"))
	case !(c.Ridge >= 0 && c.Ridge < 1):
		return fmt.Errorf("smt: ridge is %g: want 0 to 1", c.Ridge)
	case !c.Sparse && c.Transform != cooccur.Transform{}:
		return fmt.Errorf("smt: transform of counts is %+v: want none, but for sparse statistics", c.Transform)
	case c.About != "" && json.Unmarshal([]byte(c.About), &about) != nil:
		return fmt.Errorf("smt: about is %.40q: want a JSON object, or nothing", c.About)
	}
	return nil
}

// checkMirror reports a mirror that cannot be the permutation of atoms under a symmetry of
// vectors.
func checkMirror(mirror []uint16, symmetry []int, atoms, dim int) error {
	if len(mirror) != atoms || len(symmetry) != dim {
		return fmt.Errorf("smt: a mirror of %s and a symmetry of %s: want one of %d and one of %d", plural.Of(len(mirror), "atom"), plural.Of(len(symmetry), "value"), atoms, dim)
	}
	if a := involution.Fault(mirror); a >= 0 {
		return fmt.Errorf("smt: the mirror of atom %d is atom %d, whose mirror is another one", a, mirror[a])
	}
	return nil
}

// checkSymmetry reports a symmetry that does not lead each value of a unit there and back.
func checkSymmetry(symmetry []int, dim int) error {
	if symmetry != nil && len(symmetry) != dim {
		return fmt.Errorf("smt: a symmetry of %s: want one of %d, or none", plural.Of(len(symmetry), "value"), dim)
	}
	if i := involution.Fault(symmetry); i >= 0 {
		return fmt.Errorf("smt: the symmetry moves value %d to %d, and that one elsewhere", i, symmetry[i])
	}
	return nil
}

// Origin is that of statistics of e's codes.
func (e *Encoder) Origin() cooccur.Origin { return e.origin }

// Coder codes vectors; it is nil for ready codes.
func (e *Encoder) Coder() *sparse.Coder { return e.coder }

// Statistics returns empty statistics that fit the encoder's codes.
func (e *Encoder) Statistics() (s cooccur.Statistics, err error) {
	switch {
	case e.cfg.Sparse:
		s, err = cooccur.NewSparse(e.origin)
	case e.cfg.Packed:
		s, err = cooccur.NewPacked(e.origin, e.mirror)
	default:
		s, err = cooccur.NewDense(e.origin)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Check reports statistics that are not of e's codes, or none.
func (e *Encoder) Check(s cooccur.Statistics) error {
	if s == nil {
		return errors.New("there are no statistics")
	}
	if found := s.Of().Origin; found != e.origin {
		return fmt.Errorf("statistics are of %v; wanted are those of %v", found, e.origin)
	}
	return nil
}

// Scratch is the working memory of one worker.
type Scratch struct {
	units  Units
	stray  sparse.Codes // what Read gave where vectors are wanted: nothing
	square [1]float32   // of the length of a vector
	search sparse.Scratch
	group  Group // the last one
}

// Span is some units of a group, to be coded.
type Span struct {
	Group       Group
	First, Last int // units First to Last-1
	// Fill gives an atom to every vector that is not blank, as embeddings want it.
	Fill bool
}

// Encode adds the codes of the units of p to out, some units at a time.
func (e *Encoder) Encode(ctx context.Context, p Span, s *Scratch, out *sparse.Codes) error {
	if e.coder == nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.units.Stride, s.units.Codes = 0, out
		return p.Group.Read(p.First, p.Last, &s.units)
	}
	step := sparse.BandLen(e.dim)
	for first := p.First; first < p.Last; first += step {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := e.readVectors(p.Group, first, min(first+step, p.Last), s); err != nil {
			return err
		}
		if err := e.coder.Append(&s.units.Vectors, p.Fill, &s.search, out); err != nil {
			return err
		}
	}
	return nil
}
