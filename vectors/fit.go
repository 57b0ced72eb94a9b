package vectors

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/internal/pieces"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/vector"
)

// Data is what a model was fitted on.
type Data struct {
	Points     int     `json:"points"`
	Values     int     `json:"values"`     // of a point
	Duplicates int     `json:"duplicates"` // points that are equal to an earlier one, and not counted
	Edges      int64   `json:"edges"`      // of the graph that were counted: of many points in one piece a sample
	Pieces     []int   `json:"pieces"`     // of the graph, points of each, largest first
	Recall     float64 `json:"recall"`     // part of the neighbours that are right, as a sample says; 1 where all are
	// Tried are the numbers of smooth coordinates that were tried, fewest first; none where Config.Smooth was given.
	Tried []Tried `json:"tried,omitempty"`
}

// Fit learns from points, without changing them. Equal points count once. The result does not depend on the number
// of workers. The checkpoint of run has the neighbours of points, which take longest to find; its Groups are not looked at. A graph in pieces, if it is refused, takes
// it away.
func Fit(ctx context.Context, points *vector.Points, cfg Config, run manifold.Run) (*Model, error) {
	return fitWith(ctx, points, nil, cfg, run)
}

// fitWith is Fit with given atoms, or, if they are nil, those that the dictionary of points is.
func fitWith(ctx context.Context, points, atoms *vector.Points, cfg Config, run manifold.Run) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := manifold.NoCodes(run.Checkpoint); err != nil {
		return nil, err
	}
	if err := points.Check(); err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	if err := points.CheckSpread(); err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	distinct, duplicates := points.Distinct()
	cfg, err := cfg.of(distinct.N())
	if err != nil {
		if duplicates > 0 {
			err = fmt.Errorf("%w (%s are equal to earlier ones)", err, plural.Of(duplicates, "point"))
		}
		return nil, err
	}
	progress := run.Progress
	if progress == nil {
		progress = func(string, int, int) {}
	}
	if atoms == nil {
		if atoms, err = cfg.dictionary(ctx, distinct, progress); err != nil {
			return nil, err
		}
	}
	coder, err := vector.NewCoder(atoms, cfg.Active)
	if err != nil {
		return nil, err
	}
	src, err := vector.NewSource(ctx, distinct, coder, cfg.graph(), run)
	if err != nil {
		return nil, err
	}
	data := Data{Points: points.N(), Values: points.Dim, Duplicates: duplicates, Recall: src.Recall, Edges: vector.Edges(src.Graph()), Pieces: src.Pieces}
	if len(data.Pieces) > 1 && !cfg.Pieces {
		// The next fit has other neighbours, and would be refused for those that are kept.
		if run.Checkpoint != "" {
			if err := manifold.RemoveCheckpoint(run.Checkpoint); err != nil {
				return nil, err
			}
		}
		return nil, &PiecesError{Sizes: data.Pieces, Neighbours: cfg.Neighbours}
	}
	if cfg, err = cfg.inPieces(len(data.Pieces)); err != nil {
		return nil, err
	}
	f := &fitting{cfg: cfg, src: src, pieces: len(data.Pieces), progress: progress}
	if err = f.count(ctx); err != nil {
		return nil, err
	}
	if cfg.Smooth != cfg.Dims {
		if f.landmarks, err = newLandmarks(ctx, src.Atoms(), coder); err != nil {
			return nil, err
		}
	}
	if cfg.Smooth == 0 {
		if data.Tried, err = f.try(ctx, distinct, coder); err != nil {
			return nil, fmt.Errorf("vectors: %w", err)
		}
		cfg.Smooth = best(data.Tried)
	}
	s, err := f.solve(ctx, cfg.Smooth)
	if err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg, data: data, vicreg: s.VICReg, atoms: atoms, coder: coder}
	for _, k := range s.Kept {
		m.values = append(m.values, k.Eigenvalue)
	}
	kept := s.Kept
	if cfg.Smooth > cfg.Dims {
		progress("straightening", 0, 1)
		q, err := newStraightener(f.landmarks, kept).weights(cfg.Smooth, cfg.Dims)
		if err != nil {
			return nil, fmt.Errorf("vectors: %w", err)
		}
		kept = combined(kept, q)
		progress("straightening", 1, 1)
	}
	return m, m.project(kept)
}

func (c Config) dictionary(ctx context.Context, p *vector.Points, progress manifold.Progress) (*vector.Points, error) {
	progress("atoms", 0, 1)
	defer progress("atoms", 1, 1)
	if c.Dictionary == Exemplars {
		return vector.Exemplars(p, c.Atoms, c.Seed)
	}
	return vector.KMeans(ctx, p, c.Atoms, c.Seed)
}

// PiecesError is that the graph of points is in pieces, between which nothing is near. All but one of them take a
// coordinate with the eigenvalue 0, which tells pieces apart.
type PiecesError struct {
	Sizes      []int // points of each, largest first
	Neighbours int
}

func (e *PiecesError) Error() string {
	return fmt.Sprintf("vectors: the graph of %s a point is in %s, of %s, and how they lie to one another cannot be learned: want more neighbours (--neighbours), or --pieces, and as many --dims as pieces at least",
		plural.Of(e.Neighbours, "neighbour"), plural.Of(len(e.Sizes), "piece"), pieces.Sizes(e.Sizes, "points"))
}
