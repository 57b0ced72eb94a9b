package shapes

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
	"github.com/sparse-manifold/smt/vectors"
)

// Seed is what comes out of points drawn with another seed, by us and by Isomap.
type Seed struct {
	Seed   uint64            `json:"seed"`
	SMT    vectors.Preserved `json:"smt"`
	Isomap vectors.Preserved `json:"isomap"`
}

// again has us and Isomap embed a set that is drawn with other seeds.
func (s set) again(ctx context.Context, p *peers) (all []Seed, err error) {
	cfg := vectors.Default()
	cfg.Dims, cfg.Pieces = s.dims, true
	for k := range s.seeds {
		r := Seed{Seed: seed + 1 + uint64(k)}
		points := s.draw(s.points, r.Seed)
		m, err := vectors.Fit(ctx, points, cfg, manifold.Run{})
		if err != nil {
			return nil, err
		}
		x, err := m.Embed(ctx, points)
		if err != nil {
			return nil, err
		}
		if r.SMT, err = vectors.Measure(ctx, points, &vector.Points{Dim: s.dims, X: x}, neighbours); err != nil {
			return nil, err
		}
		lines, err := p.embed(ctx, fmt.Sprintf("%s-%d", s.name, r.Seed), points, s.dims, s.maps, "Isomap")
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			if line.Name != "Isomap" {
				continue
			}
			found, err := vector.Read(line.File)
			if err != nil {
				return nil, err
			}
			if r.Isomap, err = vectors.Measure(ctx, points, found, neighbours); err != nil {
				return nil, err
			}
		}
		all = append(all, r)
	}
	return all, nil
}
