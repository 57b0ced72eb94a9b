// Package words learns words from text: vectors of which two are near where the words around them
// are alike. It is a face of the engine, for one kind of source.
//
//	text ──▶ source/text ──▶ manifold ──▶ Model
//	lines    words, numbered  counts, L p = λ V p   a vector a word
//
// A word is a code of one atom, so that its embedding β = Pφ is a column of P. A Model has the
// columns, without the constant coordinate, of length 1: the cosine of two words is their product.
package words

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
)

// Config is what a user chooses.
type Config struct {
	// MinCount is how often a word comes up that is learned.
	MinCount int `json:"min_count"`
	// Context says which words co-occur: those near each other in windows, or in the same slot of
	// them; first difference.
	Context cooccur.Context `json:"context"`
	// Transform is what becomes of the counts.
	Transform cooccur.Transform `json:"transform"`
	// Dims coordinates are kept, after the first Skip.
	Dims int `json:"dims"`
	Skip int `json:"skip"`
	// Share weighs coordinates: in vectors of words each is multiplied by the share of its variance
	// that units that co-occur have in common, 1 − λ/2, to this power. 0 leaves them alike.
	Share float64 `json:"share"`
	// Seed begins the search for coordinates.
	Seed uint64 `json:"seed"`
}

// Default is the configuration that was chosen on held-out pairs of words (docs/sources/words.md).
func Default() Config {
	return Config{
		MinCount:  10,
		Context:   cooccur.Context{Kind: cooccur.Window, Radius: 8, Difference: 1, Weights: cooccur.Falling, Slots: true},
		Transform: cooccur.Transform{Power: 0.5},
		Dims:      400,
		Skip:      1, // the constant one, which says nothing
		Share:     0.25,
		Seed:      1,
	}
}

// Validate reports what is wrong with c.
func (c Config) Validate() error {
	switch {
	case c.MinCount < 1:
		return fmt.Errorf("words: min_count is %d: want 1 or more", c.MinCount)
	case c.Dims < 1 || c.Dims > mostDims:
		return fmt.Errorf("words: dims is %d: want 1 to %d", c.Dims, mostDims)
	case c.Skip < 0 || c.Skip > mostDims:
		return fmt.Errorf("words: skip is %d: want 0 to %d", c.Skip, mostDims)
	case !(c.Share >= 0 && c.Share <= 1):
		return fmt.Errorf("words: share is %g: want 0 to 1", c.Share)
	case c.Context.Kind != cooccur.Window || c.Context.Difference != 1:
		return fmt.Errorf("words: context is %q with difference %d: want %q with difference 1", c.Context.Kind, c.Context.Difference, cooccur.Window)
	case c.Context.Radius < 1 || c.Context.Radius > cooccur.MostRadius:
		return fmt.Errorf("words: radius is %d: want 1 to %d", c.Context.Radius, cooccur.MostRadius)
	}
	if err := c.Context.Validate(); err != nil {
		return fmt.Errorf("words: %w", err)
	}
	if err := c.Transform.Validate(); err != nil {
		return fmt.Errorf("words: %w", err)
	}
	return nil
}

// mostDims is more coordinates than words have a use for.
const mostDims = 1 << 16

// Fit learns the words of a corpus, which was read with c.MinCount, until ctx is done. Of a corpus that was
// read with a vocabulary, each word of it has to come up c.MinCount times. Words that share no context with the others are left out
// (Data.Apart); a PiecesError is that they are too many, and takes the checkpoint away. Of run, Groups is set here.
func Fit(ctx context.Context, corpus *text.Corpus, c Config, run manifold.Run) (*Model, error) {
	e, err := NewEncoder(corpus, c)
	if err != nil {
		return nil, err
	}
	if err := c.frequent(corpus.Words, corpus.Counts); err != nil {
		return nil, err
	}
	if longest := corpus.Longest(); c.Context.Radius >= longest {
		return nil, fmt.Errorf("words: a window reaches %s, and the longest of %s has %d: want a smaller radius, or lines that are documents", plural.Of(c.Context.Radius, "word"), plural.Of(corpus.Lines, "line"), longest)
	}
	if err := c.enough(corpus, memory.Available()); err != nil {
		return nil, err
	}
	run.Groups = corpus.Fingerprint()
	s, err := e.engine.Learn(ctx, corpus, run)
	if err != nil {
		err = newPiecesError(err, corpus.Words)
		if _, is := errors.AsType[*PiecesError](err); is && run.Checkpoint != "" {
			// The next fit is to another text, and would be refused for what is kept of this one.
			err = errors.Join(err, manifold.RemoveCheckpoint(run.Checkpoint))
		}
		return nil, err
	}
	return newModel(e, s, corpus.Counts, Data{Lines: corpus.Lines, Read: corpus.Read}), nil
}

// Memory bounds what a fit to so many words of so many units in all takes.
func (c Config) Memory(words, units int) int64 {
	counting, solving := cooccur.SparseMemory(words, units, c.Context.Radius, c.Dims+c.Skip)
	return memory.Estimate(4*float64(units) + max(counting, solving))
}

// enough reports a fit that takes more memory than there is room for.
func (c Config) enough(corpus *text.Corpus, room memory.Room) error {
	need := c.Memory(len(corpus.Words), corpus.Size())
	if room.Bytes == 0 || need <= room.Bytes {
		return nil
	}
	return fmt.Errorf("words: %s, of %d in all, take up to %.1f GB of memory, and %s allows %.1f: want a larger min-count or a smaller radius",
		plural.Of(len(corpus.Words), "word"), corpus.Size(), float64(need)/1e9, room.By, float64(room.Bytes)/1e9)
}
