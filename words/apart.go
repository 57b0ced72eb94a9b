package words

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sparse-manifold/smt/internal/pieces"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
)

// Apart is a word that comes up often enough, and shares no context with the words that were learned. It
// has no vector: that would say how it is like others, of which nothing is known.
type Apart struct {
	Word  string `json:"word"`
	Count int64  `json:"count"`
}

// PiecesError is that a vocabulary is in pieces that share no context, as two languages are which
// never meet: each wants a model of its own.
type PiecesError struct {
	Pieces [][]string // words of each, the largest first
	Wanted int        // coordinates
}

// newPiecesError names the atoms of a PiecesError of the engine. Other errors stay as they are.
func newPiecesError(err error, words []string) error {
	var of *manifold.PiecesError
	if !errors.As(err, &of) {
		return err
	}
	e := &PiecesError{Wanted: of.Wanted}
	for _, atoms := range of.Pieces {
		var named []string
		for _, a := range atoms {
			named = append(named, words[a])
		}
		e.Pieces = append(e.Pieces, named)
	}
	return e
}

func (e *PiecesError) Error() string {
	const most, examples = 8, 3
	var sizes []int
	var named []string
	for i, piece := range e.Pieces {
		sizes = append(sizes, len(piece))
		if i < most {
			named = append(named, "("+strings.Join(piece[:min(examples, len(piece))], ", ")+")")
		}
	}
	return fmt.Sprintf("words: the vocabulary is in %s, of %s, which share no context, so that how they lie to one another cannot be learned: with %s in them; %s want one piece of as many words, and no other: want a text in which they meet, or to fit each by itself",
		plural.Of(len(sizes), "piece"), pieces.Sizes(sizes, "words"), strings.Join(named, ", "), plural.Of(e.Wanted, "coordinate"))
}

// leaveOut takes all words away but some, given in increasing order.
func (m *Model) leaveOut(kept []int32) {
	all, counts := m.words, m.counts
	m.words, m.counts = nil, nil
	for i, word := range all {
		if len(m.words) < len(kept) && int(kept[len(m.words)]) == i {
			m.words, m.counts = append(m.words, word), append(m.counts, counts[i])
		} else {
			m.data.Apart = append(m.data.Apart, Apart{word, counts[i]})
		}
	}
}

// checkApart wants words that a fit can have left out.
func (m *Model) checkApart() error {
	seen := make(map[string]bool, len(m.words))
	for _, w := range m.words {
		seen[w] = true
	}
	for i, a := range m.data.Apart {
		switch {
		case a.Word == "" || seen[a.Word]:
			return fmt.Errorf("header: data: apart: word %d is %q: want a word that is neither among those before nor in the tensor words", i, a.Word)
		case a.Count < int64(m.cfg.MinCount) || a.Count > m.data.Read:
			return fmt.Errorf("header: data: apart: %q is said to come up %s, want %d to the %s that were read", a.Word, plural.Of(a.Count, "time"), m.cfg.MinCount, plural.Of(m.data.Read, "word"))
		}
		seen[a.Word] = true
	}
	return nil
}
