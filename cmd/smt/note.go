package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/internal/simd"
)

// work is what embeddings depend on, beside the items.
type work struct {
	Software   string        `json:"software"`
	Kernels    string        `json:"kernels"` // float32 sums of another tier have other last bits
	Models     string        `json:"models"`  // SHA-256 of what Save writes
	Components string        `json:"whitening,omitempty"`
	Shape      dataset.Shape `json:"shape"`   // of the images, or frames
	Images     []int         `json:"images"`  // of each split; points; none of film
	Columns    int           `json:"columns"` // of the array
}

// workOf is the work of models, which makes so many columns.
func workOf(columns int, models ...learned) (work, error) {
	h := sha256.New()
	for _, m := range models {
		if err := m.SaveTo(h); err != nil {
			return work{}, err
		}
	}
	return work{Software: smt.Version, Kernels: simd.Tier(), Models: hex.EncodeToString(h.Sum(nil)), Columns: columns}, nil
}

// differs says in what two works on items are not the same, "" for nothing.
func (w work) differs(o work, items string) string {
	switch {
	case w.Software != o.Software:
		return fmt.Sprintf("it was begun by smt %s", o.Software)
	case w.Kernels != o.Kernels:
		return fmt.Sprintf("it was begun with other kernels, %s", o.Kernels)
	case w.Models != o.Models:
		return "it was begun with another model"
	case w.Components != o.Components:
		return "it was begun with other components"
	case w.Shape != o.Shape || !slices.Equal(w.Images, o.Images):
		return fmt.Sprintf("it was begun with other %s, %s, not %s", items, o.numbers(), w.numbers())
	case w.Columns != o.Columns:
		return fmt.Sprintf("it was begun with %s, not %d", plural.Of(o.Columns, "column"), w.Columns)
	}
	return ""
}

// numbers says how many items there are in each split, and of what shape, as far as that is noted.
func (w work) numbers() string {
	var said []string
	for _, n := range w.Images {
		said = append(said, count(n))
	}
	text := strings.Join(said, " and ")
	if w.Shape == (dataset.Shape{}) {
		return text
	}
	return strings.TrimSpace(fmt.Sprintf("%s of %v", text, w.Shape))
}

// note says how much of a file of rows is done, and by what. It lies beside the file.
type note struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Work    work   `json:"work"`
	Rows    int    `json:"rows"`
	CRC     uint32 `json:"crc32c"`        // of the file up to the end of these rows
	Items   string `json:"pixels_sha256"` // of their items: of images the SHA-256 of the SHA-256 of each, in order
}

const (
	noteFormat  = "smt-embedding-partial"
	noteVersion = 1
	noteSuffix  = ".smt-note" // after the name of the file of rows
	maxNote     = 1 << 16
)

// parseNote reads a note. What it says is compared with the file and the images: here
// only its form counts.
func parseNote(b []byte) (n note, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil {
		return n, err
	}
	if _, err := d.Token(); err != io.EOF {
		return n, errors.New("want one JSON object")
	}
	if n.Format != noteFormat || n.Version != noteVersion {
		return n, fmt.Errorf("it is of format %q, version %d", n.Format, n.Version)
	}
	return n, nil
}

func readNote(path string) (note, error) {
	f, info, err := regular.Open(path)
	if err != nil {
		return note{}, err
	}
	defer f.Close()
	if info.Size() > maxNote {
		return note{}, fmt.Errorf("it has %s", plural.Of(info.Size(), "byte"))
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return note{}, err
	}
	return parseNote(b)
}
