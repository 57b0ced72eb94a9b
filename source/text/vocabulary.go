package text

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/plural"
)

// vocabulary numbers words as they come.
type vocabulary struct {
	fixed   bool // there are no more words
	numbers map[string]uint32
	words   []string
	counts  []int64
	bytes   int64 // of all words
}

// newVocabulary is empty or, if words are given, has those and no more.
func newVocabulary(words []string) (*vocabulary, error) {
	v := &vocabulary{numbers: map[string]uint32{}}
	for _, w := range words {
		if _, twice := v.numbers[w]; twice {
			return nil, fmt.Errorf("the vocabulary has %q twice", w)
		}
		v.add(w)
	}
	v.fixed = words != nil
	return v, nil
}

func (v *vocabulary) add(word string) uint32 {
	n := uint32(len(v.words))
	v.bytes += int64(len(word))
	v.numbers[word] = n
	v.words, v.counts = append(v.words, word), append(v.counts, 0)
	return n
}

// number counts a word, and is its number, or unknown.
func (v *vocabulary) number(word []byte) uint32 {
	n, is := v.numbers[string(word)]
	if !is {
		if v.fixed || len(v.words) == math.MaxInt32 {
			return unknown
		}
		n = v.add(string(word))
	}
	v.counts[n]++
	return n
}

// order are the numbers of the words that come up often enough, the most frequent first. A
// vocabulary that was given stays as it is.
func (v *vocabulary) order(least int64) (order []int, err error) {
	for n, count := range v.counts {
		if v.fixed || count >= least {
			order = append(order, n)
		}
	}
	if len(order) == 0 {
		return nil, fmt.Errorf("of its %s none comes up %s, the most frequent %s: want a smaller min-count", plural.Of(len(v.words), "different word"), plural.Of(least, "time"), plural.Of(slices.Max(v.counts), "time"))
	}
	if !v.fixed {
		slices.SortFunc(order, func(a, b int) int {
			return cmp.Or(cmp.Compare(v.counts[b], v.counts[a]), cmp.Compare(v.words[a], v.words[b]))
		})
	}
	return order, nil
}

// digestOf tells apart vocabularies. It changes where the rule changes that finds words in text.
func digestOf(words []string) string {
	h := sha256.New() // writing to it cannot fail
	fmt.Fprintf(h, "words of text, 1\n")
	for _, w := range words {
		fmt.Fprintf(h, "%s\n", w)
	}
	return hex.EncodeToString(h.Sum(nil))
}
