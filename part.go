package smt

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Part is the statistics of some images of a fit (Plan.Count), and which images these are. It is for one goroutine at
// a time.
type Part struct {
	stats cooccur.Statistics
	about partHeader
}

// partHeader says what a part is of.
type partHeader struct {
	Version  int           `json:"version"`
	Software string        `json:"software"`
	Encoder  string        `json:"encoder"` // Plan.Identity
	Shape    dataset.Shape `json:"shape"`
	Shares   []share       `json:"shares"` // sorted by Of
}

// share is which images of a source were read, and their sum. Config.Images bounds how many of them were counted.
type share struct {
	Of     string      `json:"of"`     // digest of the source's ids, or its fingerprint
	Images int         `json:"images"` // of the source
	Ranges ranges      `json:"ranges"`
	Sum    dataset.Sum `json:"sum"`
}

func (s share) missing() ranges { return s.Ranges.without(s.Images) }

// digest tells the images of a share from any others.
func (s share) digest(shape dataset.Shape) string {
	b, _ := json.Marshal(struct { // of which all can be written
		share
		Shape dataset.Shape
	}{s, shape})
	d := sha256.Sum256(b)
	return hex.EncodeToString(d[:])
}

// Statistics are the sums over what was counted.
func (p *Part) Statistics() cooccur.Statistics { return p.stats }

// Images is how many images the part is of.
func (p *Part) Images() (n int) {
	for _, s := range p.about.Shares {
		n += s.Ranges.images()
	}
	return n
}

// Missing says which images a part is still to be given, "" if it is of all of its source.
func (p *Part) Missing() string {
	var said []string
	for _, s := range p.about.Shares {
		if missing := s.missing(); len(missing) > 0 {
			said = append(said, missing.String())
		}
	}
	return strings.Join(said, "; ")
}

// Add adds other images' statistics. Those of another encoder or other software, and images that p has already, are an
// error, and p is then what it was.
func (p *Part) Add(other *Part) error {
	switch {
	case other.about.Encoder != p.about.Encoder:
		return fmt.Errorf("smt: statistics of encoder %.12s cannot be added to those of encoder %.12s", other.about.Encoder, p.about.Encoder)
	case other.about.Software != p.about.Software:
		return fmt.Errorf("smt: statistics by version %s cannot be added to those by version %s: want one version for all parts", other.about.Software, p.about.Software)
	}
	shares := slices.Clone(p.about.Shares)
	for _, s := range other.about.Shares {
		var err error
		if shares, err = addShare(shares, s); err != nil {
			return err
		}
	}
	if err := p.stats.Add(other.stats); err != nil {
		return err
	}
	p.about.Shares = shares
	return nil
}

// addShare adds one to shares that are sorted.
func addShare(shares []share, s share) ([]share, error) {
	for _, has := range shares {
		if has.Of != s.Of && has.Images == s.Images && has.Sum == s.Sum && s.Images > 0 {
			return nil, fmt.Errorf("smt: all %s are counted already", plural.Of(s.Images, "image"))
		}
	}
	at, found := slices.BinarySearchFunc(shares, s.Of, func(has share, of string) int { return strings.Compare(has.Of, of) })
	if !found {
		return slices.Insert(shares, at, s), nil
	}
	has := &shares[at]
	if has.Images != s.Images {
		return nil, fmt.Errorf("smt: statistics of %d of images that are said to be %d elsewhere", s.Images, has.Images)
	}
	all, both := has.Ranges.with(s.Ranges)
	if len(both) > 0 {
		return nil, fmt.Errorf("smt: %v are counted already, of %d", both, has.Images)
	}
	has.Ranges = all
	has.Sum.Add(s.Sum)
	return shares, nil
}
