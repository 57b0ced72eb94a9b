package atlas

import (
	"fmt"
	"image"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
)

// atomTile is how many pixels an atom has on a map, at the most.
const atomTile = 48

// OfAtoms is the map of the atoms of a layout at places, which are l.Level or l.Spread. Each has a picture and, unless
// used is nil, the percentage of patches that it is active in.
func OfAtoms(l *explain.Map, places []explain.Point, pictures []*image.NRGBA, used []float64) *Map {
	m := &Map{Title: "Atoms of the dictionary", Noun: "atom", Items: atomItems{l.Atoms, pictures}, Places: places, Near: l.Near, Tile: atomTile}
	if used != nil {
		m.Scores = []Scores{{"active in % of patches", used}}
	}
	return m
}

// atomItems are atoms on a map, and their pictures.
type atomItems struct {
	atoms    []int
	pictures []*image.NRGBA
}

func (a atomItems) Len() int                 { return len(a.atoms) }
func (a atomItems) ID(i int) (string, error) { return fmt.Sprintf("atom %d", a.atoms[i]), nil }

func (a atomItems) Thumbnail(i int) ([]byte, error) {
	im := a.pictures[i]
	return draw.PNG(draw.Enlarge(im, max(1, atomTile/im.Rect.Dx()))), nil
}
