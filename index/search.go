package index

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/knn"
)

// vectors are those of a block, as a scan asks for them.
type vectors struct {
	*Index
	block int
}

func (v vectors) Coarse() ([]byte, error) { return v.part(v.block, coarse) }
func (v vectors) Codes() ([]byte, error)  { return v.part(v.block, codes) }
func (v vectors) Halves() ([]byte, error) { return v.part(v.block, halves) }

// Search finds the k items nearest to each of the queries, nearest first: fewer if the index has fewer. Queries are
// unit vectors of Dim values, one after the other. An item and its flip are one result, and Flip says which of the two
// is nearer. Cosines are those of float32 products with the halves of the file; of equal ones the lower index is nearer.
func (x *Index) Search(ctx context.Context, queries []float32, k int) ([][]knn.Neighbour, error) {
	if len(queries) == 0 || len(queries)%x.d.Dim != 0 || k < 1 {
		return nil, fmt.Errorf("index: %s: %s of %s: want queries of %d each, and at least one neighbour",
			x.name, plural.Of(k, "neighbour"), plural.Of(len(queries), "value"), x.d.Dim)
	}
	scans := make([]*knn.Scan, parallel.Workers(x.blocks))
	for w := range scans {
		var err error
		if scans[w], err = x.scan.NewScan(queries, min(k, max(1, x.n))); err != nil {
			return nil, err
		}
	}
	err := parallel.ForErr(ctx, x.blocks, func(w, block int) error {
		e := x.d.entry(block)
		return scans[w].Block(vectors{x, block}, e.rows, e.first)
	})
	if err != nil {
		return nil, err
	}
	found := make([][]knn.Neighbour, len(queries)/x.d.Dim)
	for _, s := range scans[1:] {
		scans[0].Merge(s)
	}
	for q := range found {
		found[q] = scans[0].Neighbours(q)
	}
	return found, nil
}
