package cooccur

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/sparse"
)

// Statistics are the sums over the groups that were counted, of one kind or another. They
// are for one goroutine at a time.
type Statistics interface {
	// Of says what the statistics are of.
	Of() Summary

	// Accumulate adds groups until ctx is done. It returns how many of the batch, the first
	// ones, it has added: the statistics are of whole groups and to be used if the error is
	// that of ctx, and not to be used after any other error.
	Accumulate(ctx context.Context, batch []Group) (added int, err error)
	// AccumulateBands adds one group, band by band, of which no more than one need be in
	// memory. After an error of bands, or of ctx, the statistics are what they were.
	AccumulateBands(ctx context.Context, t Topology, bands iter.Seq2[Band, error]) error
	// Batch says what Accumulate is best called with: how many groups, and how many active
	// atoms they may have in all.
	Batch() (groups, entries int)
	// Bytes is what the statistics take, in memory and in a file.
	Bytes() int64
	// Release gives back the working memory of accumulating.
	Release()

	// Add adds the statistics of other groups, which must be of the same kind and Origin. Statistics do
	// not know which groups they are of: those added twice count twice, and the caller sees to that.
	Add(other Statistics) error

	// Save writes the statistics, and notes of the caller's, to a safetensors file, whole or
	// not at all; Load reads it. The bytes depend on what was counted, not on the batches or
	// the order of additions.
	Save(path string, notes map[string]string) error
	// SaveTo writes to w what Save writes to a file.
	SaveTo(w io.Writer, notes map[string]string) error

	// Smallest solves L p = λ V p on the codes that b spans, and returns solutions sorted by λ.
	// beside are eigenvalues on another basis, sorted, or nil. All solutions are returned that are
	// among the n smallest of both bases, at least one, and maybe more.
	Smallest(ctx context.Context, b Basis, n int, beside []float64, search Search) ([]Coordinate, error)
	// Usage is the mean square of each atom's values, the diagonal of V: of codes of 0 and 1
	// the share of coded units that it is active in.
	Usage() []float64
	// Forms returns PVPᵀ and PLPᵀ, k × k, of k rows of P: linear forms on atoms that vanish
	// but on the codes that b spans.
	Forms(ctx context.Context, b Basis, rows [][]float32) (v, l []float32, err error)
}

// Group is a group of units to be counted.
type Group struct {
	Codes *sparse.Codes
	// Topology says which units are near which. It may be nil where the statistics are of
	// grids of one size.
	Topology Topology
}

// Origin is what statistics must have in common to be added.
type Origin struct {
	// Encoder tells apart encoders: sums over the codes of different ones are
	// not added. Empty where the caller sees to that.
	Encoder string
	Context Context
	Atoms   int // D
	// Denominator is that of code values, which are integers over it: 1 for codes of 0 and 1.
	Denominator int
	// Grid is that of the units of every group, Grid{} where groups have topologies of their own.
	Grid Grid
	// Steps are those of windows on Grid.
	Steps Steps
}

func (o Origin) String() string {
	grid := "groups of any topology"
	if !o.ownTopologies() {
		grid = fmt.Sprintf("%v units a group", o.lattice())
	}
	return fmt.Sprintf("encoder %.12s, %s, units of 1/%d, %s, %s", o.Encoder, plural.Of(o.Atoms, "atom"), o.Denominator, o.Context.described(), grid)
}

// described is the context in words.
func (c Context) described() string {
	text := "whole groups"
	if c.Kind == Window {
		text = fmt.Sprintf("windows of radius %d", c.Radius)
	}
	text += fmt.Sprintf(", difference %d", c.Difference)
	if c.Weights != Equal {
		text += ", weights " + string(c.Weights)
	}
	if c.Slots {
		text += ", in slots"
	}
	return text
}

func (o Origin) ownTopologies() bool { return o.Grid == Grid{} }

// lattice is the topology of every group, and of no use where they have their own.
func (o Origin) lattice() Lattice { return Lattice{o.Grid, o.Steps} }

// units is the number of units of every group, 0 where groups differ.
func (o Origin) units() int { return o.Grid.Units() }

// check reports what no statistics are of.
func (o Origin) check() error {
	if err := o.Context.Validate(); err != nil {
		return err
	}
	switch {
	case o.Atoms < 1 || o.Denominator < 1:
		return fmt.Errorf("cooccur: %s, unit %d: want positive numbers", plural.Of(o.Atoms, "atom"), o.Denominator)
	case o.Steps != Steps{} && (o.ownTopologies() || o.Context.Kind != Window):
		return fmt.Errorf("cooccur: steps %d without a window on a grid of one size", o.Steps)
	case o.ownTopologies():
		return nil
	}
	if err := o.lattice().check(); err != nil {
		return fmt.Errorf("cooccur: %w", err)
	}
	return nil
}

// Summary is what statistics are of.
type Summary struct {
	Origin
	Groups int64 // counted
	Coded  int64 // of their units, those that have an active atom: the units of V
}

// Of says what the statistics are of.
func (s *Summary) Of() Summary { return *s }

// Coordinate is a solution of L p = λ V p: a linear function of codes.
type Coordinate struct {
	Eigenvalue float64   // λ
	Parity     int8      // of the basis it was found on: 1, −1, or 0 without flips
	Atoms      []float32 // p, a row of P: its value at each atom
}

// Search is how coordinates are searched for.
type Search struct {
	// Ridge, times the mean of its diagonal, is added to the diagonal of V.
	Ridge float64
	// Seed begins the search.
	Seed uint64
	// Progress, if not nil, is told how many steps of about how many are made.
	Progress func(done, total int)
}

// same reports an origin that is not o.
func (o Origin) same(other Origin) error {
	switch {
	case o.Context != other.Context:
		return fmt.Errorf("cooccur: cannot add statistics of another context, %s, to those of %s", other.Context.described(), o.Context.described())
	case o.Encoder != other.Encoder:
		return fmt.Errorf("cooccur: cannot add statistics of encoder %.12q to those of encoder %.12q: another configuration, other whitening or other atoms", other.Encoder, o.Encoder)
	case o.Atoms != other.Atoms:
		return fmt.Errorf("cooccur: cannot add statistics of %s to those of %d", plural.Of(other.Atoms, "atom"), o.Atoms)
	case o.Denominator != other.Denominator:
		return fmt.Errorf("cooccur: cannot add statistics in units of 1/%d to those in 1/%d", other.Denominator, o.Denominator)
	case o.lattice() != other.lattice():
		return fmt.Errorf("cooccur: cannot add statistics of %v units a group to those of %v", other.lattice(), o.lattice())
	}
	return nil
}

// otherKind is the error of adding statistics of two kinds.
func otherKind(s, other Statistics) error {
	return fmt.Errorf("cooccur: cannot add statistics of kind %T to those of kind %T", other, s)
}
