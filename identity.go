package smt

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
)

// countingVersion changes when the same configuration and images lead to other
// statistics than before: those of the former kind are then refused.
const countingVersion = 2

// counting is c without what statistics do not depend on. A new field is part of their
// identity unless it is cleared here: one forgotten refuses too much, not too little.
func (c Config) counting() Config {
	c.Dims, c.Skip, c.Ridge = 0, 0, 0      // what is solved
	c.Pool, c.Stride, c.Spectrum = 0, 0, 0 // what is made of an image's codes
	return c
}

// identify is a digest of all that statistics depend on, but the images that are
// counted: those of equal identity are of the same patches, coded in the same way.
func (e *Encoder) identify() (string, error) {
	about, err := json.Marshal(struct {
		Version    int
		Config     Config
		Shape      dataset.Shape
		Rows, Cols int
		First      int // with the rest, all the patches that are counted
	}{countingVersion, e.cfg.counting(), e.shape, e.rows, e.cols, e.firstCounted()})
	if err != nil {
		return "", fmt.Errorf("smt: config: %w", err)
	}
	h := sha256.New() // writing to it cannot fail
	fmt.Fprintf(h, "%s\n", about)
	for _, values := range []any{e.dict.Mirror, e.dict.Atoms, e.transform.Whitening} {
		_ = binary.Write(h, binary.LittleEndian, values)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// check reports statistics that are not of e's codes.
func (e *Encoder) check(s cooccur.Statistics) error {
	if found, want := s.Of().Origin, e.origin(); found != want {
		return fmt.Errorf("statistics are of %v; wanted are those of %v", found, want)
	}
	return nil
}
