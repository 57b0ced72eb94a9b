package text

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/regular"
)

// unknown is the number of words that are not in the vocabulary.
const unknown = math.MaxUint32

// Options say how a corpus is read.
type Options struct {
	// MinCount is how often a word comes up that is not left out. Words of a Vocabulary are never left
	// out, however rare, so that it says nothing then.
	MinCount int
	// Vocabulary has the words, where they are known; nil is all that come up often enough. Texts
	// that are read with one vocabulary have statistics that can be added.
	Vocabulary []string
	// Titles says that a line begins with a title and a tab.
	Titles bool
	// Progress, if not nil, is told how many bytes of how many are read.
	Progress func(done, total int64)
}

// Corpus is lines of words. It does not change, and is a manifold.Source.
type Corpus struct {
	Words  []string // the vocabulary, the most frequent first or, if one was given, as it was
	Counts []int64  // of each word
	Lines  int      // that were read, with those that have no word of the vocabulary
	Read   int64    // words that were read, with those that were left out

	words  []uint32 // of the lines that have any of the vocabulary; unknown stands for others
	ends   []int    // of these lines
	known  int      // how many of words are
	digest string
}

// Open reads the corpus at path: text, of which each line is a document, or with the ending .tsv a
// title, a tab and a text a line. What ends with .gz is decompressed.
func Open(ctx context.Context, path string, opt Options) (*Corpus, error) {
	f, info, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	defer f.Close()
	in := &counted{Reader: f, total: info.Size(), told: opt.Progress}
	r, name := io.Reader(in), path
	if strings.EqualFold(filepath.Ext(path), ".gz") {
		name = name[:len(name)-len(".gz")]
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("text: %s: want what gzip has compressed: %w", path, err)
		}
		r = unpacked
	}
	opt.Titles = opt.Titles || strings.EqualFold(filepath.Ext(name), ".tsv")
	c, err := Read(ctx, r, opt)
	if err != nil {
		return nil, fmt.Errorf("text: %s: %w", path, err)
	}
	return c, nil
}

// counted tells how much is read.
type counted struct {
	io.Reader
	done, total int64
	told        func(done, total int64)
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	if c.done += int64(n); c.told != nil {
		c.told(c.done, c.total)
	}
	return n, err
}

// Read reads a corpus, until ctx is done. Words are kept as numbers, 4 bytes each, and lines that have any
// word, 8 bytes each. The error says so where that takes more memory than there is.
func Read(ctx context.Context, r io.Reader, opt Options) (*Corpus, error) {
	return read(ctx, r, opt, memory.Left)
}

func read(ctx context.Context, r io.Reader, opt Options, left func() memory.Room) (*Corpus, error) {
	if opt.MinCount < 1 && opt.Vocabulary == nil {
		return nil, fmt.Errorf("MinCount is %d: want 1 or more", opt.MinCount)
	}
	v, err := newVocabulary(opt.Vocabulary)
	if err != nil {
		return nil, err
	}
	c := &Corpus{}
	t := &tokenizer{titles: opt.Titles,
		word: func(word []byte) {
			c.Read++
			c.words = append(c.words, v.number(word))
		},
		line: func() {
			c.Lines++
			c.endLine()
		}}
	g := guard{left: left}
	between := func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return g.check(c, v)
	}
	if err := t.read(r, between); err != nil {
		return nil, err
	}
	if c.Read == 0 {
		return nil, fmt.Errorf("there is no word in it: want lines of words")
	}
	order, err := v.order(int64(opt.MinCount))
	if err != nil {
		return nil, err
	}
	numbers := make([]uint32, len(v.words))
	for old := range numbers {
		numbers[old] = unknown
	}
	for n, old := range order {
		numbers[old] = uint32(n)
		c.known += int(v.counts[old])
		c.Words, c.Counts = append(c.Words, v.words[old]), append(c.Counts, v.counts[old])
	}
	c.renumber(numbers)
	if c.known == 0 {
		return nil, fmt.Errorf("has %s, none of which is in the vocabulary", plural.Of(c.Read, "word"))
	}
	c.digest = digestOf(c.Words)
	return c, nil
}

// endLine keeps the line that has ended, if it has a word that may be of the vocabulary: there may be
// more lines without than there is memory for.
func (c *Corpus) endLine() {
	begin := 0
	if n := len(c.ends); n > 0 {
		begin = c.ends[n-1]
	}
	for _, w := range c.words[begin:] {
		if w != unknown {
			c.ends = append(c.ends, len(c.words))
			return
		}
	}
	c.words = c.words[:begin]
}

// renumber gives words their last numbers, and leaves out lines that have none.
func (c *Corpus) renumber(numbers []uint32) {
	kept, ends, from := c.words[:0], c.ends[:0], 0
	for _, to := range c.ends {
		begin, any := len(kept), false
		for _, w := range c.words[from:to] {
			n := uint32(unknown)
			if w != unknown {
				n = numbers[w]
			}
			kept, any = append(kept, n), any || n != unknown
		}
		if from = to; any {
			ends = append(ends, len(kept))
		} else {
			kept = kept[:begin]
		}
	}
	c.words, c.ends = kept, ends
}

// Size is the number of words of all lines that have any of the vocabulary, the others too.
func (c *Corpus) Size() int { return len(c.words) }

// Longest is the number of words of the line that has most.
func (c *Corpus) Longest() int {
	longest := 0
	for i := range c.ends {
		longest = max(longest, len(c.line(i)))
	}
	return longest
}

// line is the words of line i, of those that have any.
func (c *Corpus) line(i int) []uint32 {
	from := 0
	if i > 0 {
		from = c.ends[i-1]
	}
	return c.words[from:c.ends[i]]
}

// Fingerprint is a digest of all lines.
func (c *Corpus) Fingerprint() string {
	h := sha256.New() // writing to it cannot fail
	fmt.Fprintf(h, "%s %d\n", c.digest, len(c.ends))
	for i := range c.ends {
		_ = binary.Write(h, binary.LittleEndian, uint64(len(c.line(i))))
		_ = binary.Write(h, binary.LittleEndian, c.line(i))
	}
	return hex.EncodeToString(h.Sum(nil))
}
