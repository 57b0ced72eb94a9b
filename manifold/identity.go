package manifold

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/sparse"
)

// identityVersion changes when the same configuration and units lead to other
// statistics than before: those of the former kind are then refused.
const identityVersion = 3

// settled is what of a Config statistics depend on, and how an identity has it. What is
// solved, and what is said, are fields that are always zero: with them identities are those
// that statistics on disk have. So are grids of two sizes rows and columns, and others Grid.
type settled struct {
	Code        sparse.Kind
	Threshold   float64
	Context     cooccur.Context
	Rows, Cols  int
	Packed      bool
	Dims, Skip  int
	Ridge, Seed int
	Names       Names
	About       string
	Grid        cooccur.Grid  `json:",omitzero"`
	Steps       cooccur.Steps `json:",omitzero"`
}

func (c Config) settled() settled {
	s := settled{Code: c.Code, Threshold: c.Threshold, Context: c.Context, About: c.About, Grid: c.Grid, Steps: c.Steps}
	if plane := (cooccur.Grid{c.Grid[0], c.Grid[1]}); c.Grid == plane && plane[1] != 0 {
		s.Rows, s.Cols, s.Grid = plane[0], plane[1], cooccur.Grid{}
	}
	return s
}

// identify fills origin. Its Encoder is a digest of all that statistics depend on, but the
// groups that are counted: those of equal identity are of the same units, coded in the same
// way.
func (e *Encoder) identify(atoms []float32) error {
	c := e.cfg
	about, err := json.Marshal(struct {
		Version int
		Config  settled
		Space   string
		Atoms   int
	}{identityVersion, c.settled(), e.digest, e.atoms})
	if err != nil {
		return fmt.Errorf("smt: config: %w", err)
	}
	h := sha256.New() // writing to it cannot fail
	fmt.Fprintf(h, "%s\n", about)
	for _, values := range []any{e.mirror, atoms} {
		_ = binary.Write(h, binary.LittleEndian, values)
	}
	e.origin = cooccur.Origin{Encoder: hex.EncodeToString(h.Sum(nil)), Context: c.Context, Atoms: e.atoms, Denominator: 1, Grid: c.Grid, Steps: c.Steps}
	if c.Code.Valued() {
		e.origin.Denominator = sparse.SoftUnit
	}
	return nil
}

// Identity is a digest of all that statistics depend on, but the groups that are counted: the Encoder of their Origin.
func (e *Encoder) Identity() string { return e.origin.Encoder }
