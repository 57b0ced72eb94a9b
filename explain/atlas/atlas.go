// Package atlas writes a map of images as one page: thumbnails laid out in the plane, which can be
// moved, zoomed to single images of 100,000, coloured, encircled and asked for their neighbours. The page needs
// no network and no file beside it. Without JavaScript it shows a still picture.
//
// Items are kept in the order of a curve through the plane (order.go), so that those near each other are near in the
// file. Their thumbnails are in sheets of that order, JPEGs of about 1,024 × 1,024 pixels in base64, of which the page decodes
// those in view (sheets.go). What is seen from afar are the few thousand items that stand for their
// surroundings, in a sheet of their own; the others are dots. Places, names, classes and neighbours
// are arrays, compressed (arrays.go).
//
// The map of an index is laid out, and coloured by class, group and outlier score, by OfIndex (indexed.go).
//
// The page is head.html, page.css, and the scripts of web/ one after the other. Policy allows just these where it is served.
package atlas

import (
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/knn"
	"github.com/sparse-manifold/smt/layout"
)

// Items are the images of a map, or other things that have a picture.
type Items interface {
	Len() int
	// ID is the name of item i.
	ID(i int) (string, error)
	// Thumbnail is a small picture of item i, a JPEG or a PNG.
	Thumbnail(i int) ([]byte, error)
}

// Map is what a page shows of items. All lists have an entry an item.
type Map struct {
	Title  string
	Noun   string // what an item is called, an image if it is ""
	Items  Items
	Places []layout.Point
	Near   [][]knn.Neighbour // the nearest of each, nearest first; Index is that of an item
	Kinds  []Kinds
	Scores []Scores
	// Tile is the longer edge of thumbnails in pixels, one of Tiles. 0 is as large as they are, if the page stays below some
	// tens of megabytes.
	Tile int
}

// Kinds puts each item into one of some kinds, as classes or groups do.
type Kinds struct {
	Name  string   // of what the kinds are: class, group
	Names []string // of the kinds
	Of    []int    // the kind of each item, −1 for none
}

// Scores gives each item a number, as how unlike all others it is.
type Scores struct {
	Name string
	Of   []float64
}

// Most is how many items a map may have: what a page holds and draws at once.
const Most = 250_000

// mostNear is how many neighbours of an item a page has.
const mostNear = 12

// check reports lists that are not of the items.
func (m *Map) check() error {
	n := m.Items.Len()
	if n < 1 || n > Most {
		return fmt.Errorf("atlas: %s: want 1 to %d", plural.Of(n, "item"), Most)
	}
	if len(m.Places) != n || len(m.Near) != n {
		return fmt.Errorf("atlas: %s, %s with neighbours: want them for each of %s", plural.Of(len(m.Places), "place"), plural.Of(len(m.Near), "item"), plural.Of(n, "item"))
	}
	for i, at := range m.Places {
		if !finite(at.X) || !finite(at.Y) {
			return fmt.Errorf("atlas: place %d is (%g, %g): want numbers", i, at.X, at.Y)
		}
	}
	for i, list := range m.Near {
		for _, near := range list {
			if near.Index < 0 || near.Index >= n {
				return fmt.Errorf("atlas: item %d has item %d as a neighbour: want 0 to %d", i, near.Index, n-1)
			}
		}
	}
	for _, k := range m.Kinds {
		if len(k.Of) != n {
			return fmt.Errorf("atlas: the %s of %s is given: want that of %d", k.Name, plural.Of(len(k.Of), "item"), n)
		}
		for i, of := range k.Of {
			if of < -1 || of >= len(k.Names) {
				return fmt.Errorf("atlas: item %d is of %s %d: want -1 to %d", i, k.Name, of, len(k.Names)-1)
			}
		}
	}
	for _, s := range m.Scores {
		if len(s.Of) != n {
			return fmt.Errorf("atlas: the %s of %s is given: want that of %d", s.Name, plural.Of(len(s.Of), "item"), n)
		}
		for i, of := range s.Of {
			if !finite(of) {
				return fmt.Errorf("atlas: %s %d is %g: want a number", s.Name, i, of)
			}
		}
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
