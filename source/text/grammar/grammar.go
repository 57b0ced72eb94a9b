// Package grammar writes text by the rules of a small grammar, for demonstrations without a network
// and for tests. It is English to look at and no natural language: a sentence is one of a few
// patterns, whose places are filled by words of a class.
//
// No sentence has two words of one class. So two cities never meet, and what a model says of
// their likeness it has from the words around them.
package grammar

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// Classes are the words that fill places, by the name of their class.
var Classes = map[string][]string{
	"city":       {"seattle", "dallas", "chicago", "denver", "boston", "portland", "oakland", "detroit"},
	"river":      {"danube", "rhine", "loire", "thames", "elbe", "tiber"},
	"animal":     {"horse", "dog", "goat", "cat", "donkey", "sheep"},
	"food":       {"bread", "cheese", "soup", "rice", "fish", "honey"},
	"person":     {"doctor", "teacher", "farmer", "baker", "judge", "sailor"},
	"instrument": {"guitar", "violin", "piano", "flute", "cello", "trumpet"},
	"month":      {"january", "march", "april", "june", "august", "october"},
	"colour":     {"red", "green", "white", "black", "brown", "grey"},
	"verb":       {"met", "helped", "visited", "followed", "thanked", "called"},
}

// patterns are sentences, with classes in braces.
var patterns = []string{
	"the mayor of {city} opened a new bridge over the {river} in {month}",
	"a train from {city} arrived late with a {person} and a {colour} suitcase",
	"in {month} the {person} moved to {city} and bought an old house",
	"the streets of {city} were empty in {month}",
	"the team from {city} won the final game in {month}",
	"a {colour} {animal} drank from the {river} near the mill",
	"the {animal} of the {person} slept behind the {colour} barn",
	"every morning the {person} fed the {colour} {animal} with {food}",
	"the boats on the {river} carried {food} to the coast in {month}",
	"the {river} rose after heavy rain and flooded the valley in {month}",
	"the {person} ate warm {food} for dinner and drank some water",
	"fresh {food} was sold at the market in {city}",
	"the {person} played the {instrument} in a small hall in {city}",
	"a song for {instrument} and voice was written in {month}",
	"the {person} {verb} a friend who played the {instrument} badly",
	"the {person} {verb} the old woman in {month}",
	"the {colour} paint on the {instrument} was dry",
	"they cooked {food} by the {river} while the {animal} rested",
}

// Write writes so many sentences to w, a line each. The same seed gives the same ones.
func Write(w io.Writer, sentences int, seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 0x9a77))
	b := bufio.NewWriter(w)
	for range sentences {
		_, _ = b.WriteString(sentence(patterns[rng.IntN(len(patterns))], rng) + ".\n") // an error comes again when the rest is flushed
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("grammar: %w", err)
	}
	return nil
}

// sentence is a pattern whose places are filled.
func sentence(pattern string, rng *rand.Rand) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(pattern, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		class, after, _ := strings.Cut(rest, "}")
		words := Classes[class]
		b.WriteString(words[rng.IntN(len(words))])
		pattern = after
	}
}
