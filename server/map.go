package server

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/atlas"
	"github.com/sparse-manifold/smt/explain/draw"
)

// mapAnswer is the atoms most in use, laid out in two ways. A place is x and y.
type mapAnswer struct {
	Atoms    []int        `json:"atoms"`
	Usage    []int        `json:"usage"` // patches each is active in
	Patches  int          `json:"patches"`
	Near     [][2]float64 `json:"near"`
	Spectral [][2]float64 `json:"spectral"`
}

// mapAtoms is the number of atoms on the map, unless options say another.
const mapAtoms = 2000

func (s *Server) layOut(ctx context.Context, report func(done, total int)) error {
	order := make([]int, s.m.Config().Atoms)
	for a := range order {
		order[a] = a
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.patches.usage[b], s.patches.usage[a]) })
	order = order[:min(s.o.MapAtoms, len(order))]
	l, err := explain.MapOf(ctx, s.m, order, report)
	if err != nil {
		return err
	}
	s.layout = mapAnswer{Atoms: l.Atoms, Patches: s.patches.gallery.Len(), Near: points(l.TSNE), Spectral: points(l.Spectral)}
	var used []float64
	for _, a := range l.Atoms {
		s.layout.Usage = append(s.layout.Usage, s.patches.usage[a])
		used = append(used, 100*float64(s.patches.usage[a])/float64(max(1, s.patches.gallery.Len())))
	}
	pictures, err := s.atomPictures(l.Atoms)
	if err != nil {
		return err
	}
	picture := func(i int) []byte { return draw.Tile(pictures[i], atlas.AtomTile) }
	s.maps = map[string]page{}
	for layout, places := range map[string][]explain.Point{"near": l.Level(), "spectral": l.Spread()} {
		var b bytes.Buffer
		if err := atlas.OfAtoms(l, places, picture, used).Write(ctx, &b, func(int, int) {}); err != nil {
			return err
		}
		s.maps[layout] = bytes.Clone(b.Bytes()) // without what the buffer has to spare
	}
	return nil
}

// mapPage answers with the map as a page, under a policy of its own: that of smt serve has it in a frame.
func (s *Server) mapPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", atlas.Policy("'self'"))
	s.answer(func(r *http.Request) (any, error) {
		layout := cmp.Or(r.URL.Query().Get("layout"), "near")
		p, ok := s.maps[layout]
		if !ok {
			return nil, problem{http.StatusBadRequest, "the layout is " + layout + ": want near or spectral"}
		}
		return p, nil
	})(w, r)
}

func points(of []explain.Point) [][2]float64 {
	out := make([][2]float64, len(of))
	for i, p := range of {
		out[i] = [2]float64{p.X, p.Y}
	}
	return out
}

func (s *Server) mapped(*http.Request) (any, error) { return s.layout, nil }

type atomAnswer struct {
	Atom    int           `json:"atom"`
	Usage   int           `json:"usage"`            // patches it is active in, of those of the model's answer
	Mirror  *int          `json:"mirror,omitempty"` // the atom that is its flip
	Atoms   neighbourhood `json:"atoms"`
	Patches neighbourhood `json:"patches"`
}

func (s *Server) atom(r *http.Request) (any, error) {
	a, err := numbered(r, "atom", s.m.Config().Atoms)
	if err != nil {
		return nil, err
	}
	x := s.atoms.gallery.Vector(a)
	v := atomAnswer{Atom: a, Usage: s.patches.usage[a], Patches: s.nearPatches(x), Atoms: s.nearAtoms(x, func(i int) bool { return i == a })}
	if mirror := s.m.Stages().Dictionary.Mirror; mirror != nil {
		m := int(mirror[a])
		v.Mirror = &m
	}
	return v, nil
}
