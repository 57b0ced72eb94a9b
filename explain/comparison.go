package explain

import (
	"context"

	"github.com/sparse-manifold/smt"
)

// Comparison is the cosine of two images, A and B, and its parts, as smt compare and the HTTP API of an index tell them.
type Comparison struct {
	Cosine   float64        `json:"cosine"` // of the embeddings
	Flip     bool           `json:"flip"`   // B is the flip of its image
	A        ComparisonSide `json:"a"`
	B        ComparisonSide `json:"b"`
	Cells    []float64      `json:"cells"` // by rows
	CellRows int            `json:"cell_rows"`
	CellCols int            `json:"cell_cols"`
	SumCells float64        `json:"sum_cells"`
	Off      float64        `json:"off"` // the most that a sum differs from the cosine

	Pair   *Pair    `json:"-"`
	Images [2]Image `json:"-"` // as they were compared
}

// ComparisonSide is what one of the images has of the split.
type ComparisonSide struct {
	ID         string    `json:"id"`
	Patches    []float64 `json:"patches"` // by rows
	Rows       int       `json:"patch_rows"`
	Cols       int       `json:"patch_cols"`
	Atoms      []Share   `json:"atoms"` // all that are active, those that add the most first
	SumPatches float64   `json:"sum_patches"`
	SumPixels  float64   `json:"sum_pixels"`
	SumAtoms   float64   `json:"sum_atoms"`
}

// Compare splits the cosine of two images as a model sees them (smt.Model.See). B is its flip where that is nearer to A and
// the model knows flips. The split is that of Why.
func Compare(ctx context.Context, m *smt.Model, a, b Image) (*Comparison, error) {
	m = m.Straight() // images are straightened, if the model does so
	b, flip, cosine, err := Nearer(ctx, m, a, b)
	if err != nil {
		return nil, err
	}
	p, err := Why(m, a, b)
	if err != nil {
		return nil, err
	}
	return &Comparison{
		Cosine: cosine, Flip: flip, Cells: p.Cells, CellRows: p.CellRows, CellCols: p.CellCols,
		A: comparisonSide(a.ID, &p.A), B: comparisonSide(b.ID, &p.B), SumCells: total(p.Cells), Off: p.Off(cosine),
		Pair: p, Images: [2]Image{a, b},
	}, nil
}

func comparisonSide(id string, s *Side) ComparisonSide {
	c := ComparisonSide{ID: id, Patches: s.Patches, Rows: s.Rows, Cols: s.Cols, Atoms: s.Atoms}
	c.SumPatches, c.SumPixels, c.SumAtoms = s.Sums()
	return c
}
