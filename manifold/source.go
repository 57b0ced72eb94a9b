package manifold

import (
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/sparse"
)

// Source is groups of units to learn from.
type Source interface {
	Space
	// Len is the number of groups.
	Len() int
	// Topology says how many units group i has, and which of them are near which.
	Topology(i int) cooccur.Topology
	// Open begins to read group i. last, if not nil, is a group that Open returned before and
	// that is no longer needed: its memory may be used again. Open is called by several
	// goroutines at once.
	Open(i int, last Group) (Group, error)
}

// Space is what the units of a source are, without any of them.
type Space interface {
	// Dim is the number of values of a vector; 0 is that units are ready codes.
	Dim() int
	// Symmetry says where each value of a unit is in its flip, for units that come with it, as a
	// patch does with its left-right flip; nil is none. Statistics then count the flip of every
	// group, if the dictionary has that of every atom, which costs nothing: its codes are a
	// permutation. Ready codes have no symmetry.
	Symmetry() []int
	// Digest tells apart units that are made in another way: of equal digest are those whose
	// codes, by one dictionary, are equal.
	Digest() string
}

// Group is a group of units that is being read.
type Group interface {
	// Read reads units first to last-1, by several goroutines at once into units of their own.
	Read(first, last int, into *Units) error
}

// Units are some units of a group: vectors to be coded, or codes where units have no vectors.
type Units struct {
	// Stride is the number of values from one vector to the next, which Read is to keep to.
	// It is 0 where codes are wanted.
	Stride int
	// Vectors are unit vectors of Stride values: Read resets them.
	Vectors sparse.Vectors
	// Codes are those of the group so far: Read appends to them.
	Codes *sparse.Codes
}
