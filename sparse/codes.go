package sparse

import (
	"fmt"
	"math"
)

// Kind is a rule that makes a code from the cosines of a unit with all atoms.
type Kind string

const (
	General Kind = "general" // general quantization: 1 where cos ≥ t, else 0
	Nearest Kind = "nearest" // vector quantization: 1 for the nearest atom, 0 elsewhere
	Soft    Kind = "soft"    // soft threshold: (cos − t)₊ in units of 1/SoftUnit
	L1      Kind = "l1"      // sparse coding: the α ≥ 0 with the least ½‖x − Aα‖² + t Σα, in units of 1/SoftUnit
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{General, Nearest, Soft, L1} }

// Valued reports whether codes of kind k have values, in units of 1/SoftUnit.
func (k Kind) Valued() bool { return k == Soft || k == L1 }

// MostSum is what the values of a code on so many atoms sum to at most. Each is at most 1. Those of an L1 code,
// whose λ is the threshold, may be more, but sum to 1/2λ at most: λ Σφ is part of an objective that is ½
// without any atom.
func (k Kind) MostSum(atoms int, threshold float64) float64 {
	most := float64(atoms)
	if k == L1 {
		most = max(most, 0.5/threshold)
	}
	return most
}

// SoftUnit is the denominator of the values of soft and of L1 codes. They are kept in fixed point, so that sums of
// their products are exact.
const SoftUnit = 1024

// Codes are the sparse codes of the units of a group, row by row. Unit i has the active atoms
// Atom[Start[i]:Start[i+1]], in increasing order.
type Codes struct {
	Start []int32
	Atom  []uint16
	// Value is the value of each active atom, in units of 1/SoftUnit. It is nil where all
	// values are 1.
	Value []uint16
	// Wide has the active atoms in place of Atom where they are numbered in 32 bits: of words,
	// of which there may be more than 16 bits can tell apart. Their values are 1.
	Wide []uint32
}

// N is the number of units.
func (c *Codes) N() int { return len(c.Start) - 1 }

// Active is the number of active atoms of all units.
func (c *Codes) Active() int { return len(c.Atom) + len(c.Wide) }

// Row is the active atoms of unit i, of those in Atom.
func (c *Codes) Row(i int) []uint16 { return c.Atom[c.Start[i]:c.Start[i+1]] }

// Coded is the number of units with an active atom.
func (c *Codes) Coded() int {
	n := 0
	for i := range c.N() {
		if c.Start[i+1] > c.Start[i] {
			n++
		}
	}
	return n
}

// Reset makes c the codes of no units.
func (c *Codes) Reset() {
	c.Start = append(c.Start[:0], 0)
	c.Atom, c.Value, c.Wide = c.Atom[:0], c.Value[:0], c.Wide[:0]
}

// errTooMany says that a group has more active atoms than Start can number.
var errTooMany = fmt.Errorf("sparse: the units of a group have more than %d active atoms: take smaller groups, fewer atoms or a higher threshold", math.MaxInt32)

// fits reports whether Start can number n active atoms.
func fits(n int) error {
	if n > math.MaxInt32 {
		return errTooMany
	}
	return nil
}

// Add adds a unit that has the given active atoms, in increasing order, of values of 1.
func (c *Codes) Add(atoms ...uint16) {
	c.Atom = append(c.Atom, atoms...)
	c.closeRow()
}

// AddWide adds a unit that has the given active atoms, numbered in 32 bits, in increasing order.
func (c *Codes) AddWide(atoms ...uint32) {
	c.Wide = append(c.Wide, atoms...)
	c.closeRow()
}

// Append adds the units of more.
func (c *Codes) Append(more *Codes) {
	at := int32(c.Active())
	for _, start := range more.Start[1:] {
		c.Start = append(c.Start, at+start)
	}
	c.Atom, c.Value, c.Wide = append(c.Atom, more.Atom...), append(c.Value, more.Value...), append(c.Wide, more.Wide...)
}

// Drop removes the first n units.
func (c *Codes) Drop(n int) {
	at := c.Start[n]
	c.Start = c.Start[:copy(c.Start, c.Start[n:])]
	for i := range c.Start {
		c.Start[i] -= at
	}
	if len(c.Wide) > 0 {
		c.Wide = c.Wide[:copy(c.Wide, c.Wide[at:])]
	}
	if len(c.Atom) > 0 {
		c.Atom = c.Atom[:copy(c.Atom, c.Atom[at:])]
	}
	if len(c.Value) > 0 {
		c.Value = c.Value[:copy(c.Value, c.Value[at:])]
	}
}

// closeRow ends the row of a unit: the atoms appended since the last one are its own.
func (c *Codes) closeRow() { c.Start = append(c.Start, int32(c.Active())) }
