package text

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// mostBytes is the length of the longest word: what is longer is left out.
const mostBytes = 255

// tokenizer finds words in text that comes in pieces, and tells word and line of them.
type tokenizer struct {
	titles bool // a line begins with a title, up to a tab
	word   func(word []byte)
	line   func() // a line has ended

	number     int // of the line, from 1
	title      bool
	begun      bool // the line has something
	letters    []byte
	apostrophe bool // after the letters: what follows decides
}

// read takes all of r, and calls between now and then: its error ends the work.
func (t *tokenizer) read(r io.Reader, between func() error) error {
	t.number, t.title = 1, t.titles
	buf, n := make([]byte, 1<<18), 0
	for {
		if err := between(); err != nil {
			return err
		}
		more, err := r.Read(buf[n:])
		n += more
		if err != nil && err != io.EOF {
			return err
		}
		end := err == io.EOF
		rest, bad := t.take(buf[:n], end)
		if bad != nil {
			return bad
		}
		n = copy(buf, rest)
		if end {
			return t.finish()
		}
	}
}

// take reads a piece of text but for the beginning of a character at its end, which it returns;
// of the last piece it takes all.
func (t *tokenizer) take(b []byte, last bool) (rest []byte, err error) {
	for len(b) > 0 {
		c := b[0]
		if c < utf8.RuneSelf {
			b = b[1:]
			switch {
			case c == '\n':
				if err := t.endLine(); err != nil {
					return nil, err
				}
				continue
			case t.title && c != '\t':
			case 'a' <= c && c <= 'z':
				t.letter(rune(c))
			case 'A' <= c && c <= 'Z':
				t.letter(rune(c) + 'a' - 'A')
			case c == '\t':
				t.title = false
				t.flush()
			case c == '\'':
				t.quote()
			default:
				t.flush()
			}
			t.begun = true
			continue
		}
		if !last && !utf8.FullRune(b) {
			return b, nil
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return nil, fmt.Errorf("line %d has the byte 0x%02x where no character has it: want UTF-8", t.number, c)
		}
		b, t.begun = b[n:], true
		switch {
		case t.title:
		case unicode.IsLetter(r), unicode.IsMark(r) && len(t.letters) > 0:
			t.letter(unicode.ToLower(r))
		case r == '’':
			t.quote()
		default:
			t.flush()
		}
	}
	return nil, nil
}

func (t *tokenizer) letter(r rune) {
	if t.apostrophe {
		t.letters = append(t.letters, '\'')
		t.apostrophe = false
	}
	if len(t.letters) <= mostBytes {
		t.letters = utf8.AppendRune(t.letters, r)
	}
}

func (t *tokenizer) quote() {
	if len(t.letters) == 0 || t.apostrophe {
		t.flush()
		return
	}
	t.apostrophe = true
}

// flush ends a word, if there is one.
func (t *tokenizer) flush() {
	if n := len(t.letters); n > 0 && n <= mostBytes {
		t.word(t.letters)
	}
	t.letters, t.apostrophe = t.letters[:0], false
}

func (t *tokenizer) endLine() error {
	t.flush()
	if t.title && t.begun {
		return fmt.Errorf("line %d has no tab: want a title, a tab and text", t.number)
	}
	t.line()
	t.number++
	t.title, t.begun = t.titles, false
	return nil
}

// finish ends the last line, which may have no end of its own.
func (t *tokenizer) finish() error {
	if !t.begun {
		return nil
	}
	return t.endLine()
}

// Lower is a word as a corpus has it: in lower case, with the apostrophe of keyboards.
func Lower(word string) string {
	lower := []rune(word)
	for i, r := range lower {
		if lower[i] = unicode.ToLower(r); r == '’' {
			lower[i] = '\''
		}
	}
	return string(lower)
}
