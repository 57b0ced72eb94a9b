package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"

	"github.com/sparse-manifold/smt/internal/plural"
)

// lines are those of a list that are not empty. The first that is wrong, or cannot be read, ends them with an error.
func lines(r io.Reader) iter.Seq2[listed, error] {
	return func(yield func(listed, error) bool) {
		in := bufio.NewReaderSize(r, longestLine)
		for n := 1; ; n++ {
			raw, err := in.ReadSlice('\n')
			if errors.Is(err, bufio.ErrBufferFull) {
				yield(listed{line: n}, fmt.Errorf("line %d: is longer than %s: want a path", n, plural.Of(longestLine, "byte")))
				return
			}
			if err != nil && err != io.EOF {
				yield(listed{line: n}, err)
				return
			}
			text := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
			if n == 1 {
				text = strings.TrimPrefix(text, "\ufeff") // which editors of Windows begin a text with
			}
			if text != "" {
				l, wrong := parseLine(text)
				l.line = n
				if wrong != nil {
					yield(l, fmt.Errorf("line %d: %w", n, wrong))
					return
				}
				if !yield(l, nil) {
					return
				}
			}
			if err == io.EOF {
				return
			}
		}
	}
}

// parseLine reads PATH, or PATH, a tab and LABEL.
func parseLine(text string) (l listed, err error) {
	if strings.ContainsRune(text, 0) {
		return l, errors.New("has a byte of 0: want the path of an image file")
	}
	path, label, labelled := strings.Cut(text, "\t")
	switch {
	case strings.TrimSpace(path) == "":
		return l, errors.New("has no path: want PATH, or PATH, a tab and LABEL")
	case labelled && strings.TrimSpace(label) == "":
		err = errors.New("has no label after its tab: want PATH, or PATH, a tab and LABEL")
	case strings.Contains(label, "\t"):
		err = errors.New("has more than one tab: want PATH, or PATH, a tab and LABEL")
	}
	return listed{path: filepath.Clean(filepath.FromSlash(path)), label: label}, err
}
