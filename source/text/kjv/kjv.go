// Package kjv holds a text in the program, so that words can be learned without downloading anything: the
// King James Bible, a chapter a line.
//
// The translation is of 1611 and in the public domain; in the United Kingdom the Crown has a patent on printing it.
// The words are those of Debian's package bible-kjv-text, without the numbers of verses. Importing the
// package adds 1.2 MB to a program.
package kjv

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"fmt"

	"github.com/sparse-manifold/smt/source/text"
)

//go:embed kjv.txt.gz
var packed []byte

// Name is what the corpus is called.
const Name = "the King James Bible"

// Read is the corpus, 1,189 lines of 789,684 words in all.
func Read(ctx context.Context, opt text.Options) (*text.Corpus, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("kjv: %w", err)
	}
	return text.Read(ctx, r, opt)
}
