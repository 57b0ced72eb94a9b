package wordtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/regular"
)

// Test is a published one, of pairs or of questions.
type Test struct {
	Pairs     []Pair
	Questions []Question
}

// Pair is two words, and how similar people find them.
type Pair struct {
	A, B  string
	Score float64
}

// Question asks what is to C as B is to A.
type Question struct {
	Section    string
	A, B, C, D string // D is the answer
}

// Bounds of what is read, which is held whole. Published tests have lines of less than 100 bytes, and
// less than 20,000 pairs or questions.
const (
	mostLine  = 1 << 12 // bytes
	mostBytes = 64 << 20
	mostAsked = 1_000_000 // pairs or questions
)

var errBytes = fmt.Errorf("has more than %d bytes, which is no test of words: want at most %d pairs or questions", mostBytes, mostAsked)

// bounded fails where a reader goes on after so many bytes.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errBytes
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// Read reads a test. A file that begins with a section, ": capital-common-countries", is of
// questions, four words a line; any other is of pairs, two words and a number between tabs,
// as in wordsim353.tsv and simlex999.txt. Lines that are empty or begin with # say nothing. A test has at
// most 64 MiB, and a million pairs or questions.
func Read(r io.Reader) (*Test, error) {
	t, section, number := &Test{}, "", 0
	lines := bufio.NewScanner(&bounded{r, mostBytes + 1})
	lines.Buffer(nil, mostLine)
	for lines.Scan() {
		number++
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("line %d is no UTF-8: want text", number)
		}
		var err error
		switch {
		case line[0] == ':' && t.Pairs != nil:
			err = fmt.Errorf("begins with a colon, as a section of questions does, after pairs")
		case line[0] == ':':
			if section = strings.TrimSpace(line[1:]); section == "" {
				err = errors.New("has a section without a name")
			}
		case section != "":
			err = t.question(section, line)
		default:
			err = t.pair(line)
		}
		if err == nil && len(t.Pairs)+len(t.Questions) > mostAsked {
			err = fmt.Errorf("is one more than %d pairs or questions: want fewer", mostAsked)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d %w", number, err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d has more than %d bytes: want two words and a number, or four words", number+1, mostLine)
	case err != nil:
		return nil, err
	case len(t.Pairs)+len(t.Questions) == 0:
		return nil, errors.New("has neither pairs nor questions: want lines of two words and a number between tabs, or of four words after a line such as \": family\"")
	}
	return t, nil
}

func (t *Test) pair(line string) error {
	fields := strings.Split(line, "\t")
	if len(fields) != 3 {
		return fmt.Errorf("has %s between tabs, %.60q: want two words and a number", plural.Of(len(fields), "field"), line)
	}
	for i := range fields {
		if fields[i] = strings.TrimSpace(fields[i]); fields[i] == "" {
			return fmt.Errorf("has nothing in field %d: want two words and a number", i+1)
		}
	}
	score, err := strconv.ParseFloat(fields[2], 64)
	if err != nil || math.IsNaN(score) || math.IsInf(score, 0) {
		return fmt.Errorf("has %.40q in field 3: want a number", fields[2])
	}
	t.Pairs = append(t.Pairs, Pair{fields[0], fields[1], score})
	return nil
}

func (t *Test) question(section, line string) error {
	w := strings.Fields(line)
	if len(w) != 4 {
		return fmt.Errorf("has %s, %.60q: want four", plural.Of(len(w), "word"), line)
	}
	t.Questions = append(t.Questions, Question{section, w[0], w[1], w[2], w[3]})
	return nil
}

// Open reads the test in a file.
func Open(path string) (*Test, error) {
	f, _, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("wordtest: %w", err)
	}
	defer f.Close()
	t, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("wordtest: %s: %w", path, err)
	}
	return t, nil
}
