package shapes

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/vectors"
)

const (
	neighbours = 10 // of graphs, and of what is measured
	seed       = 11 // of points: settings were chosen on others
	many       = 100_000
)

// Set is what came out of a set of points.
type Set struct {
	Name    string   `json:"name"`
	Points  int      `json:"points"`
	Values  int      `json:"values"`
	Dims    int      `json:"dims"`
	Methods []Method `json:"methods"` // ours first
	// Angle is the largest principal angle, in degrees, between Maps smooth coordinates and as many Laplacian
	// eigenmaps of the same graph by SpectralEmbedding.
	Maps  int     `json:"maps"`
	Angle float64 `json:"angle"`
	// New is the distance of new points, a tenth of all, from where a fit with them puts them, as a part
	// of the deviation of all.
	New float64 `json:"new"`
	// Same is the part of the nearest old points of a new one that are the same in both.
	Same float64 `json:"new_same_neighbours"`
	// Many is the number of more points, 0 for none, Long the time that a fit to them and their embeddings take us, and LongFit that of the
	// fit alone.
	Many    int     `json:"many,omitempty"`
	Long    float64 `json:"many_seconds,omitempty"`
	LongFit float64 `json:"many_fit_seconds,omitempty"`
	// Seeds are of as many points drawn with other seeds.
	Seeds []Seed `json:"seeds,omitempty"`
}

// Method is what came out of a method.
type Method struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	vectors.Preserved
}

// set is a set of points that is measured.
type set struct {
	name       string
	points     int
	dims, maps int
	more       int // points of the larger set, 0 for none
	draw       func(n int, seed uint64) *vector.Points
	seeds      int // with which it is drawn again
}

var sets = []set{
	{"swiss-roll", 10_000, 2, 4, many, Roll, 5},
	{"torus", 10_000, 3, 2, many, Torus, 0},
	{"circle", 2000, 2, 2, 0, circle, 0},
	{"object", 10_000, 3, 2, many, object, 0},
}

// Run measures everything, and says the versions of the peers. Quick is a few hundred points of each set. say is
// told how far it is.
func Run(ctx context.Context, quick bool, say func(format string, args ...any)) (measured []Set, versions string, err error) {
	p, err := newPeers(ctx)
	if err != nil {
		return nil, "", err
	}
	defer p.Close()
	all := sets
	small, err := p.digits(ctx)
	if err != nil {
		return nil, "", err
	}
	large, err := mnist()
	if err != nil {
		return nil, "", err
	}
	given := func(p *vector.Points) func(int, uint64) *vector.Points {
		return func(n int, _ uint64) *vector.Points { return &vector.Points{Dim: p.Dim, X: p.X[:n*p.Dim]} }
	}
	for _, dims := range []int{8, 2} {
		all = append(all, set{fmt.Sprintf("digits-%d", dims), small.N(), dims, dims, 0, given(small), 0},
			set{fmt.Sprintf("mnist-%d", dims), large.N(), dims, dims, 0, given(large), 0})
	}
	if quick {
		all = []set{all[0], all[len(sets)]} // a roll and digits
	}
	for _, s := range all {
		if quick {
			s.points, s.more = 400, min(s.more, 1000)
		}
		say("%s, %s", s.name, plural.Of(s.points, "point"))
		done, note, err := s.measure(ctx, p)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", s.name, err)
		}
		measured, versions = append(measured, *done), note
		for _, m := range done.Methods {
			say("%s: %s %.4f / %.4f in %.2f s", s.name, m.Name, m.Trust, m.Continuity, m.Seconds)
		}
		name, seconds := done.fastest()
		say("%s: %.1f° from eigenmaps, new points off by %.4f; %s in %.2f s, %s took %.2f s for %d", s.name, done.Angle, done.New, plural.Of(done.Many, "point"), done.Long, name, seconds, done.Points)
	}
	return measured, versions, nil
}

// mnist are the digits that are in the program, the test images of MNIST, from 0 to 1.
func mnist() (*vector.Points, error) {
	all, err := digits.Open()
	if err != nil {
		return nil, err
	}
	p := &vector.Points{}
	for _, src := range []dataset.Source{all.Train, all.Test} {
		for i := range src.Len() {
			shape := src.Shape()
			pixels := make([]uint8, shape.Width*shape.Height*shape.Channels)
			if err := src.Image(i, pixels); err != nil {
				return nil, err
			}
			p.Dim = len(pixels)
			for _, v := range pixels {
				p.X = append(p.X, float32(v)/255)
			}
		}
	}
	return p, nil
}

// measure has us and the peers embed a set, and measures what came out.
func (s set) measure(ctx context.Context, p *peers) (*Set, string, error) {
	points := s.draw(s.points, seed)
	r := &Set{Name: s.name, Points: s.points, Values: points.Dim, Dims: s.dims, Maps: s.maps}
	cfg := vectors.Default()
	cfg.Dims, cfg.Pieces = s.dims, true
	model, x, took, err := timed(ctx, points, cfg)
	if err != nil {
		return nil, "", err
	}
	ours := Method{Name: "smt", Seconds: took.all}
	if ours.Preserved, err = vectors.Measure(ctx, points, x, neighbours); err != nil {
		return nil, "", err
	}
	r.Methods = append(r.Methods, ours)
	lines, err := p.embed(ctx, s.name, points, s.dims, s.maps)
	if err != nil {
		return nil, "", err
	}
	note := ""
	for _, line := range lines {
		note += line.Note
		if line.File == "" {
			continue
		}
		found, err := vector.Read(line.File)
		if err != nil {
			return nil, "", err
		}
		if line.Name == "eigenmaps" {
			if r.Angle, err = s.angle(ctx, points, cfg, found); err != nil {
				return nil, "", err
			}
			continue
		}
		m := Method{Name: line.Name, Seconds: line.Seconds}
		if m.Preserved, err = vectors.Measure(ctx, points, found, neighbours); err != nil {
			return nil, "", err
		}
		r.Methods = append(r.Methods, m)
	}
	if r.New, r.Same, err = outOfSample(ctx, points, cfg, model); err != nil {
		return nil, "", err
	}
	if s.more > 0 {
		r.Many = s.more
		_, _, took, err := timed(ctx, s.draw(s.more, seed), cfg)
		if err != nil {
			return nil, "", err
		}
		r.Long, r.LongFit = took.all, took.fit
	}
	r.Seeds, err = s.again(ctx, p)
	return r, note, err
}

// angle is that of smooth coordinates and Laplacian eigenmaps.
func (s set) angle(ctx context.Context, p *vector.Points, c vectors.Config, maps *vector.Points) (float64, error) {
	c.Dims, c.Smooth = s.maps, s.maps
	m, err := vectors.Fit(ctx, p, c, manifold.Run{})
	if err != nil {
		return 0, err
	}
	x, err := m.Embed(ctx, p)
	if err != nil {
		return 0, err
	}
	return largestAngle(&vector.Points{Dim: s.maps, X: x}, maps), nil
}
