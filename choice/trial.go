package choice

import (
	"context"
	"math"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
)

// A trial is small: it takes a second or two, whatever the number of images and their size.
const (
	fewToTry     = 100 // images; of fewer no trial is made
	triedImages  = 400 // that the model of a trial is fitted to, and that are found again
	triedAtoms   = 512
	triedCounted = 200
)

// trial fits a small model of the style Scenes to some images of src. It returns how far an image stands out from the
// others, seen from another view of it, in the mean over images.
func trial(ctx context.Context, src dataset.Source, im Images) (float64, error) {
	_, some := dataset.Holdout(bounded(src), min(triedImages, src.Len()), Seed)
	im.Len, im.Shape = some.Len(), some.Shape()
	c := Rule(im, Scenes, Given{Atoms: triedAtoms})
	c.Images = triedCounted
	c.Components = 0 // what an image stands out by was measured on whole embeddings
	m, err := Fit(ctx, some, c)
	if err != nil {
		return 0, err
	}
	seen, err := Seen(ctx, m, some)
	if err != nil {
		return 0, err
	}
	return StandsOut(seen), nil
}

// Seen are the cosines, a row each, of the embedding of another view of each image of src with those of all images.
func Seen(ctx context.Context, m *smt.Model, src dataset.Source) ([][]float32, error) {
	bank, err := Embeddings(ctx, m, src)
	if err != nil {
		return nil, err
	}
	seen, err := Embeddings(ctx, m, views{src, Seed})
	if err != nil {
		return nil, err
	}
	n, dim := src.Len(), m.Dim(src.Shape())
	cosines := linalg.New(n, n)
	if err := linalg.AddMulUntil(ctx, cosines, 1, linalg.Wrap(n, dim, seen), linalg.Wrap(n, dim, bank).T()); err != nil {
		return nil, err
	}
	rows := make([][]float32, cosines.Rows)
	for i := range rows {
		rows[i] = cosines.Row(i)
	}
	return rows, nil
}

// StandsOut is how far images stand out from the others, in the mean over images: the cosine on the diagonal of what Seen
// returns, less the mean of the others in its row, in standard deviations of these.
func StandsOut(seen [][]float32) float64 {
	sum := 0.0
	for i, row := range seen {
		sum += standsOut(row, i)
	}
	return sum / float64(len(seen))
}

// standsOut is how many standard deviations of the others value i of x is above their mean.
func standsOut(x []float32, i int) float64 {
	n := float64(len(x) - 1)
	mean := 0.0
	for j, v := range x {
		if j != i {
			mean += float64(v) / n
		}
	}
	variance := 0.0
	for j, v := range x {
		if j != i {
			variance += (float64(v) - mean) * (float64(v) - mean) / n
		}
	}
	return (float64(x[i]) - mean) / math.Sqrt(max(variance, 1e-12))
}

// Embeddings are those of all images of src, one after the other, each brought to length 1.
func Embeddings(ctx context.Context, m *smt.Model, src dataset.Source) ([]float32, error) {
	values := make([]float32, 0, src.Len()*m.Dim(src.Shape()))
	for e, err := range m.EmbedAll(ctx, src) {
		if err != nil {
			return nil, err
		}
		values = append(values, e...)
		linalg.Unit(values[len(values)-len(e):])
	}
	return values, nil
}
