package toy

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Symbols are words of a language that is nothing but who follows whom: each is
// an atom of its own, no two more alike than any other two. A text keeps to a
// topic for a while. A symbol belongs to a topic, or to two, but some are loose:
// they stray into texts on other topics, as common words do.
type Symbols struct {
	Coordinates
	Topics [][]int   // of each symbol
	Loose  []float64 // how often each is used off its topics, against on them
	// Synonyms are pairs of symbols of a topic that stand for each other: a text has
	// the one or the other, so that they never occur together.
	Synonyms [][2]int
	// Near has the number of times that two symbols stood next to each other.
	Near [][]int
	// Place is the embedding without the constant: a unit vector for each symbol.
	Place [][]float64
	Texts int
	// Mean cosines of pairs of symbols in the embedding.
	Within, Across, Synonym float64
}

const (
	topics   = 3
	perTopic = 14
	bridges  = 3    // symbols of two topics
	loosest  = 0.7  // of the symbols of a topic
	words    = 60   // of a text
	turn     = 0.04 // probability of another topic at the next word
)

// Cooccurrence writes texts at random and learns from them.
func Cooccurrence(ctx context.Context, seed uint64) (*Symbols, error) {
	rng := rand.New(rand.NewPCG(seed, 0x5e7))
	s := &Symbols{Texts: 900}
	join := func(loose float64, of ...int) {
		s.Topics, s.Loose = append(s.Topics, of), append(s.Loose, loose)
	}
	for t := range topics {
		s.Synonyms = append(s.Synonyms, [2]int{len(s.Topics), len(s.Topics) + 1})
		for i := range perTopic {
			loose := loosest * float64(i) / (perTopic - 1)
			if i < 2 {
				loose = 0.1 // synonyms are used alike
			}
			join(loose, t)
		}
	}
	for b := range bridges {
		join(0, b, (b+1)%topics)
	}
	n := len(s.Topics)
	lexicon := s.lexicon()
	s.Near = make([][]int, n)
	for a := range s.Near {
		s.Near[a] = make([]int, n)
	}
	written := make(texts, s.Texts)
	for i := range written {
		written[i] = s.write(rng, lexicon)
	}
	c, err := learnTexts(ctx, written, n, topics)
	if err != nil {
		return nil, err
	}
	s.Coordinates = *c
	s.embed()
	return s, nil
}

// lexicon is the weights that symbols have in a text on each topic, added up from
// the first symbol on.
func (s *Symbols) lexicon() (sums [topics][]float64) {
	for t := range topics {
		sum := 0.0
		for a, of := range s.Topics {
			if slices.Contains(of, t) {
				sum += 1 / float64(len(of))
			} else {
				sum += s.Loose[a]
			}
			sums[t] = append(sums[t], sum)
		}
	}
	return sums
}

// write makes a text.
func (s *Symbols) write(rng *rand.Rand, lexicon [topics][]float64) (t text) {
	topic, last := rng.IntN(topics), -1
	var choice [topics]int // of each pair of synonyms
	for of := range choice {
		choice[of] = rng.IntN(2)
	}
	for range words {
		if rng.Float64() < turn {
			topic = rng.IntN(topics)
		}
		sums := lexicon[topic]
		w, _ := slices.BinarySearch(sums, sums[len(sums)-1]*rng.Float64())
		for of, pair := range s.Synonyms {
			if w == pair[0] || w == pair[1] {
				w = pair[choice[of]]
			}
		}
		t = append(t, uint16(w))
		if last >= 0 {
			s.Near[last][w]++
			s.Near[w][last]++
		}
		last = w
	}
	return t
}

// embed fills Place and the mean cosines.
func (s *Symbols) embed() {
	for a := range s.Topics {
		var x []float64
		var n float64
		for _, row := range s.Rows[1:] {
			x = append(x, row[a])
			n += row[a] * row[a]
		}
		for i := range x {
			x[i] /= math.Sqrt(n)
		}
		s.Place = append(s.Place, x)
	}
	var within, across int
	for a, ta := range s.Topics {
		for b, tb := range s.Topics[:a] {
			switch {
			case len(ta) > 1 || len(tb) > 1:
			case ta[0] == tb[0]:
				s.Within += s.cosine(a, b)
				within++
			default:
				s.Across += s.cosine(a, b)
				across++
			}
		}
	}
	s.Within /= float64(within)
	s.Across /= float64(across)
	for _, p := range s.Synonyms {
		s.Synonym += s.cosine(p[0], p[1]) / float64(len(s.Synonyms))
	}
}

func (s *Symbols) cosine(a, b int) (c float64) {
	for i, v := range s.Place[a] {
		c += v * s.Place[b][i]
	}
	return c
}
