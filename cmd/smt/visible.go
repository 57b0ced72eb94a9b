package main

import (
	"bytes"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// visible is where text goes that has words from a file or of its name: a terminal would
// obey the control characters among them. It writes what is not to be seen as JSON does, \u001b, so
// that JSON stays what it is. A call has whole characters.
type visible struct {
	w io.Writer
	// line says that a call is one line at the most: a break before its end is from a file too.
	line bool
}

func (v visible) Write(b []byte) (int, error) {
	if _, err := v.w.Write(v.text(b)); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (v visible) text(b []byte) []byte {
	if !v.line {
		return seen(b)
	}
	line, ended := bytes.CutSuffix(b, []byte("\n"))
	line = bytes.ReplaceAll(seen(line), []byte("\n"), []byte(`\u000a`))
	if ended {
		line = append(line, '\n')
	}
	return line
}

// seen is text with what is not to be seen written out: all but graphic characters, spaces,
// tabs and line breaks. Marks that turn the direction of writing around are not graphic.
func seen(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			out = utf8.AppendRune(out, r) // no character: a byte of another encoding
		case unicode.IsGraphic(r) || r == '\t' || r == '\n':
			out = append(out, b[:n]...)
		default:
			for _, unit := range utf16.AppendRune(nil, r) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		}
		b = b[n:]
	}
	return out
}
