package vector

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/internal/plural"
)

// npyArray is what the header of an .npy file says.
type npyArray struct {
	descr   string
	fortran bool
	shape   []int
}

// maxRank is the most dimensions that NumPy knows.
const maxRank = 64

// parseNPY reads a header: a Python dictionary with the keys descr, fortran_order and shape,
// each once, in any order, and whitespace after it.
func parseNPY(text string) (h npyArray, err error) {
	p := &literal{rest: text}
	if err := p.take("{"); err != nil {
		return h, err
	}
	seen := map[string]bool{}
	for !p.has("}") {
		key, err := p.text()
		if err != nil {
			return h, err
		}
		if seen[key] {
			return h, fmt.Errorf("key %q stands twice", key)
		}
		seen[key] = true
		if err := p.take(":"); err != nil {
			return h, err
		}
		switch key {
		case "descr":
			h.descr, err = p.text()
		case "fortran_order":
			h.fortran, err = p.truth()
		case "shape":
			h.shape, err = p.tuple()
		default:
			err = fmt.Errorf("key %q: want descr, fortran_order and shape", key)
		}
		if err != nil {
			return h, err
		}
		if !p.has(",") {
			if err := p.take("}"); err != nil {
				return h, err
			}
			break
		}
	}
	if len(seen) != 3 {
		return h, fmt.Errorf("has %s: want descr, fortran_order and shape", plural.Of(len(seen), "key"))
	}
	if p.space(); p.rest != "" {
		return h, fmt.Errorf("goes on with %.20q", p.rest)
	}
	return h, nil
}

// literal is what is still to be read of a Python literal.
type literal struct{ rest string }

func (p *literal) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// has reads a token if it is the next one.
func (p *literal) has(token string) bool {
	p.space()
	rest, is := strings.CutPrefix(p.rest, token)
	if is {
		p.rest = rest
	}
	return is
}

func (p *literal) take(token string) error {
	if !p.has(token) {
		return fmt.Errorf("%.20q where %q was wanted", p.rest, token)
	}
	return nil
}

// text reads a string without escapes. A list, the type of records, has no such.
func (p *literal) text() (string, error) {
	for _, quote := range []string{"'", `"`} {
		if !p.has(quote) {
			continue
		}
		text, rest, ends := strings.Cut(p.rest, quote)
		if !ends || strings.ContainsRune(text, '\\') {
			return "", fmt.Errorf("%.20q where a string without escapes was wanted", p.rest)
		}
		p.rest = rest
		return text, nil
	}
	return "", fmt.Errorf("%.20q where a string was wanted: records and objects are not read", p.rest)
}

func (p *literal) truth() (bool, error) {
	switch {
	case p.has("True"):
		return true, nil
	case p.has("False"):
		return false, nil
	}
	return false, fmt.Errorf("%.20q where True or False was wanted", p.rest)
}

func (p *literal) tuple() (all []int, err error) {
	if err := p.take("("); err != nil {
		return nil, err
	}
	for !p.has(")") {
		p.space()
		digits := len(p.rest) - len(strings.TrimLeft(p.rest, "0123456789"))
		n, err := strconv.ParseInt(p.rest[:digits], 10, 48) // no file has more values
		if err != nil {
			return nil, fmt.Errorf("%.20q where a dimension was wanted", p.rest)
		}
		p.rest = p.rest[digits:]
		if all = append(all, int(n)); len(all) > maxRank {
			return nil, fmt.Errorf("more than %d dimensions", maxRank)
		}
		if !p.has(",") {
			if err := p.take(")"); err != nil {
				return nil, err
			}
			break
		}
	}
	return all, nil
}
