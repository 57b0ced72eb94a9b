package text

import (
	"fmt"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
)

// guard looks at memory while a corpus is read: how large it is when it is decompressed, no file says.
type guard struct {
	left func() memory.Room
	seen int64 // what the corpus took when memory was looked at
}

// step is how many bytes a corpus may grow between two looks.
const step = 16 << 20

// check reports a corpus for whose next growth there is no room: a list that is full is copied to
// one a quarter larger, beside it.
func (g *guard) check(c *Corpus, v *vocabulary) error {
	const word = 128 // a word in two lists, and in a map that is half full
	takes := 4*int64(cap(c.words)) + 8*int64(cap(c.ends)) + word*int64(len(v.words)) + v.bytes
	if takes-g.seen < step {
		return nil
	}
	g.seen = takes
	room := g.left()
	if need := takes + takes/4; room.Bytes > 0 && need > room.Bytes {
		return fmt.Errorf("its first %s take %.3f GB of memory, more of them %.3f beside that, and %s leaves %.3f: want a smaller text, or more memory",
			plural.Of(c.Read, "word"), float64(takes)/1e9, float64(need)/1e9, room.By, float64(room.Bytes)/1e9)
	}
	return nil
}
