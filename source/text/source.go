package text

import (
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/manifold"
)

var _ manifold.Source = (*Corpus)(nil)

// Len is the number of lines that have a word of the vocabulary.
func (c *Corpus) Len() int { return len(c.ends) }

// Topology is a line of as many units as there are words.
func (c *Corpus) Topology(i int) cooccur.Topology { return cooccur.Grid{len(c.line(i))} }

// Dim is 0: words are codes as they stand.
func (c *Corpus) Dim() int { return 0 }

// Symmetry is nil: words have none.
func (c *Corpus) Symmetry() []int { return nil }

// Digest tells apart vocabularies.
func (c *Corpus) Digest() string { return c.digest }

// Open begins line i.
func (c *Corpus) Open(i int, _ manifold.Group) (manifold.Group, error) { return line(c.line(i)), nil }

// line is words in a row, by their numbers.
type line []uint32

// Read appends the codes of the words from first to last-1, which unknown words do not have.
func (l line) Read(first, last int, into *manifold.Units) error {
	for _, w := range l[first:last] {
		if w == unknown {
			into.Codes.AddWide()
		} else {
			into.Codes.AddWide(w)
		}
	}
	return nil
}
