package smt

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

// partNote is the note of a file of statistics that says which images they are of.
const partNote = "part"

const partVersion = 1

// Save writes the part to a file, which cooccur.Load reads too, whole or not at all. The bytes depend on the images alone,
// not on the parts that they were counted in, nor on the order in which these were added.
func (p *Part) Save(path string) error {
	notes, err := p.notes()
	if err != nil {
		return err
	}
	return p.stats.Save(path, notes)
}

// SaveTo writes to w what Save writes to a file.
func (p *Part) SaveTo(w io.Writer) error {
	notes, err := p.notes()
	if err != nil {
		return err
	}
	return p.stats.SaveTo(w, notes)
}

func (p *Part) notes() (map[string]string, error) {
	about, err := json.Marshal(p.about)
	if err != nil {
		return nil, fmt.Errorf("smt: part: %w", err)
	}
	return map[string]string{partNote: string(about)}, nil
}

// LoadPart reads a part that Save wrote. The error names the file and what in it was found wrong.
func LoadPart(path string) (*Part, error) {
	s, notes, err := cooccur.Load(path)
	if err != nil {
		return nil, fmt.Errorf("smt: %w", err)
	}
	p, err := partOf(s, notes)
	if err != nil {
		return nil, fmt.Errorf("smt: %s: %w", path, err)
	}
	return p, nil
}

// ReadPart is LoadPart of size bytes of r.
func ReadPart(r io.ReaderAt, size int64) (*Part, error) {
	s, notes, err := cooccur.Read(r, size)
	if err != nil {
		return nil, fmt.Errorf("smt: %w", err)
	}
	p, err := partOf(s, notes)
	if err != nil {
		return nil, fmt.Errorf("smt: %w", err)
	}
	return p, nil
}

func partOf(s cooccur.Statistics, notes map[string]string) (*Part, error) {
	about, ok := notes[partNote]
	if !ok {
		return nil, fmt.Errorf("the statistics do not say of which images they are, as those that a fit keeps: want those of smt stats or smt merge")
	}
	for name := range notes {
		if name != partNote {
			return nil, fmt.Errorf("note %q is not known", name)
		}
	}
	p := &Part{stats: s}
	if err := strictjson.Versioned([]byte(about), &p.about, partVersion); err != nil {
		return nil, fmt.Errorf("note %s: %w", partNote, err)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("note %s: %w", partNote, err)
	}
	return p, nil
}

// check reports what no part that was counted says of itself.
func (p *Part) check() error {
	h, of := p.about, p.stats.Of()
	switch {
	case h.Encoder != of.Encoder:
		return fmt.Errorf("encoder is %q: want %q, as the statistics have it", h.Encoder, of.Encoder)
	case h.Software == "":
		return fmt.Errorf("software is empty: want the version that counted")
	case h.Shape.Height < 1 || h.Shape.Width < 1 || h.Shape.Channels != 1 && h.Shape.Channels != 3:
		return fmt.Errorf("shape is %v: want that of images", h.Shape)
	case len(h.Shares) == 0:
		return fmt.Errorf("shares: there are none, want one or more")
	case !slices.IsSortedFunc(h.Shares, func(a, b share) int { return strings.Compare(a.Of, b.Of) }):
		return fmt.Errorf("shares are not sorted")
	}
	images := int64(0)
	for i, s := range h.Shares {
		if digest, err := hex.DecodeString(s.Of); err != nil || len(digest) != 32 || i > 0 && s.Of == h.Shares[i-1].Of {
			return fmt.Errorf("shares: of is %q: want a SHA-256 in hexadecimal digits, once", s.Of)
		}
		if s.Images < 1 || s.Images > mostPixels/h.Shape.Len() {
			return fmt.Errorf("shares: images is %d: want 1 to %d", s.Images, mostPixels/h.Shape.Len())
		}
		if err := s.Ranges.check(s.Images); err != nil {
			return fmt.Errorf("shares: %w", err)
		}
		images += int64(s.Ranges.images())
	}
	if of.Groups > 2*images { // gray views are counted as images
		return fmt.Errorf("shares: %s, of which %d are counted: want no more than there are", plural.Of(int(images), "image"), of.Groups)
	}
	return nil
}
