package explain

import (
	"context"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/patch"
)

// Places says where patches are from: Image[k] of the source, and At[k] in the
// grid of its patches.
type Places struct{ Image, At []int }

// Scatter takes patches from all over the first images of src: from each image as
// many, spread over it by a fixed stride that is coprime to their number. It
// returns where they are from and their whitened vectors, n × dim; blank ones are
// left out.
func Scatter(ctx context.Context, m *smt.Model, src dataset.Source, images, each int) (*Places, []float32, error) {
	t, dim := m.Stages().Transform, m.Stages().Transform.Dim()
	rows, cols := t.Grid(src.Shape())
	n := rows * cols
	stride := 1 + n*38/100
	for gcd(stride, n) != 1 {
		stride++
	}
	p := &Places{}
	var vectors []float32
	for i := range min(images, src.Len()) {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		im, err := ImageOf(src, i)
		if err != nil {
			return nil, nil, err
		}
		which := make([]int, min(each, n))
		for k := range which {
			which[k] = (i*7 + k*stride) % n
		}
		var out patch.Patches
		t.ApplyTo(im.Pix, im.Shape, which, dim, &out)
		for k := range which {
			if !out.Blank[k] {
				p.Image, p.At = append(p.Image, i), append(p.At, which[k])
				vectors = append(vectors, row(out.X, k, dim)...)
			}
		}
	}
	return p, vectors, nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
