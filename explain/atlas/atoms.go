package atlas

import (
	"fmt"

	"github.com/sparse-manifold/smt/explain"
)

// AtomTile is how many pixels an atom has on a map, at the most.
const AtomTile = 48

// OfAtoms is the map of the atoms of a layout at places, which are l.Level or l.Spread. Atom i of them has a picture, a PNG or a JPEG,
// which is asked for two or three times, and, unless used is nil, the percentage of patches that it is active in.
func OfAtoms(l *explain.Map, places []explain.Point, picture func(i int) []byte, used []float64) *Map {
	m := &Map{Title: "Atoms of the dictionary", Noun: "atom", Items: atomItems{l.Atoms, picture}, Places: places, Near: l.Near, Tile: AtomTile}
	if used != nil {
		m.Scores = []Scores{{"active in % of patches", used}}
	}
	return m
}

// atomItems are atoms on a map, and their pictures.
type atomItems struct {
	atoms   []int
	picture func(i int) []byte
}

func (a atomItems) Len() int                        { return len(a.atoms) }
func (a atomItems) ID(i int) (string, error)        { return fmt.Sprintf("atom %d", a.atoms[i]), nil }
func (a atomItems) Thumbnail(i int) ([]byte, error) { return a.picture(i), nil }
