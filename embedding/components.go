package embedding

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/spectral"
)

// Components shorten embeddings to their first principal components and even out
// how much these vary. A component of variance λ is divided by λ^(p/2): a power p of 0 keeps
// the variances, 1 makes them equal. What all items have in common, such as
// one light and one colour from edge to edge, then counts less in a cosine.
//
// Means and variances are those of a set of items and their flips, so that
// components are even or odd and the flip remains a change of signs.
type Components struct {
	even  int       // values that a flip keeps
	mean  []float32 // of these
	parts []part    // even and odd values; all, where flips cannot be told
}

// part is the components of the values [from, to).
type part struct {
	from, to int
	rows     linalg.Matrix // components, scaled, in rows: k × (to − from)
	values   []float64     // their variances λ, largest first
}

// Power is a power of the standard deviation to divide components by. It
// was chosen on images held out ("Whitened embeddings" in docs/research).
const Power = 0.4

// rounding is the share of the largest variance below which one is nothing but
// float32's rounding, and leastVariance is that of unit vectors which are all the same.
const (
	rounding      = 1e-6
	leastVariance = 1e-12
)

// SampleBlock is the number of rows that NewComponents has made at a time.
const SampleBlock = 384

// NewComponents finds the n first principal components of a set of unit vectors, fewer if
// they do not vary in so many directions, to be divided by a power, 0 to 1, of their standard
// deviations. All of the set is held in memory: it is meant for a sample, of a few times n rows.
func NewComponents(ctx context.Context, s Set, n int, power float64, seed uint64) (*Components, error) {
	rows, dim := s.Len(), s.Dim()
	if n < 1 || n > rows || n > dim {
		return nil, fmt.Errorf("embedding: components: %s of %s of %s: want 1 to %d", plural.Of(n, "component"), plural.Of(rows, "row"), plural.Of(dim, "value"), min(rows, dim))
	}
	x := linalg.New(rows, dim)
	at := 0
	for block, err := range s.Blocks(ctx, SampleBlock) {
		if err != nil {
			return nil, err
		}
		at += copy(x.Data[at:], block)
	}
	c := &Components{even: s.Even()}
	spans := spansOf(dim, c.even)
	c.mean = make([]float32, spans[0][1])
	if err := c.subtractMean(ctx, x); err != nil {
		return nil, err
	}
	// Components compete over all parts: first so many of each as there can be.
	for _, span := range spans {
		p, err := components(ctx, x.Block(0, rows, span[0], span[1]), n, c.variances(), power, seed)
		if err != nil {
			return nil, err
		}
		p.from, p.to = span[0], span[1]
		c.parts = append(c.parts, p)
	}
	if c.keep(n); c.Dim() == 0 {
		return nil, fmt.Errorf("embedding: components: %s that do not vary", plural.Of(rows, "row"))
	}
	return c, nil
}

// spansOf are the values that have components of their own: even and odd ones, or all.
func spansOf(dim, even int) [][2]int {
	if even < 0 {
		return [][2]int{{0, dim}}
	}
	return [][2]int{{0, even}, {even, dim}}
}

// subtractMean takes the mean of the leading values of x from them, and keeps it.
func (c *Components) subtractMean(ctx context.Context, x linalg.Matrix) error {
	return parallel.ForErr(ctx, len(c.mean), func(_, j int) error {
		var sum float64
		for i := range x.Rows {
			sum += float64(x.Data[i*x.RowStride+j])
		}
		c.mean[j] = float32(sum / float64(x.Rows))
		for i := range x.Rows {
			x.Data[i*x.RowStride+j] -= c.mean[j]
		}
		return nil
	})
}

// components finds the first principal components of the rows of x, as many as are
// among the n with the largest variances of these and others.
func components(ctx context.Context, x linalg.Matrix, n int, others []float64, power float64, seed uint64) (part, error) {
	if x.Cols == 0 {
		return part{}, nil
	}
	// The smaller one of the covariance and the Gram matrix, which have the same
	// eigenvalues λ: an eigenvector u of the latter leads to the component Xᵀu/√(mλ).
	y, dual := x.T(), x.Cols > x.Rows
	if dual {
		y = x
	}
	a := linalg.New(y.Rows, y.Rows)
	if err := linalg.AddMulLower(ctx, a, 1/float32(x.Rows), y, y.T()); err != nil {
		return part{}, err
	}
	linalg.MirrorLower(a)
	s, err := spectral.Largest(ctx, a, min(n, y.Rows+len(others)), others, seed)
	if err != nil {
		return part{}, fmt.Errorf("embedding: components: %w", err)
	}
	p := part{rows: s.Vectors}
	if dual {
		p.rows = linalg.New(len(s.Values), x.Cols)
		if err := linalg.AddMulUntil(ctx, p.rows, 1, s.Vectors, x); err != nil {
			return part{}, err
		}
	}
	for k, value := range s.Values {
		if !(value > max(rounding*s.Values[0], leastVariance)) {
			p.rows = p.rows.Block(0, k, 0, x.Cols)
			break
		}
		p.values = append(p.values, value)
		by := math.Pow(value, -power/2)
		if dual {
			by /= math.Sqrt(value * float64(x.Rows))
		}
		scale(p.rows.Row(k), p.rows.Row(k), float32(by))
	}
	return p, nil
}

// variances are those of all components so far, largest first.
func (c *Components) variances() (all []float64) {
	for _, p := range c.parts {
		all = append(all, p.values...)
	}
	slices.SortFunc(all, func(a, b float64) int { return cmp.Compare(b, a) })
	return all
}

// keep drops all but the n components with the largest variances, and what they took.
func (c *Components) keep(n int) {
	all := c.variances()
	for i := range c.parts {
		p := &c.parts[i]
		k := 0
		for k < len(p.values) && (len(all) <= n || p.values[k] > all[n]) {
			k++
		}
		rows := linalg.New(k, p.rows.Cols)
		for j := range k {
			copy(rows.Row(j), p.rows.Row(j))
		}
		p.values, p.rows = slices.Clone(p.values[:k]), rows
	}
}

// Digest is the SHA-256, in hexadecimal, of all values of the components: rows shortened by
// others cannot be compared.
func (c *Components) Digest() string {
	h := sha256.New() // writing to it cannot fail
	put := func(values any) { _ = binary.Write(h, binary.LittleEndian, values) }
	put([]int64{int64(c.even), int64(len(c.mean)), int64(len(c.parts))})
	put(c.mean)
	for _, p := range c.parts {
		put([]int64{int64(p.from), int64(p.to), int64(p.rows.Rows)})
		for i := range p.rows.Rows {
			put(p.rows.Row(i))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Dim is the number of components.
func (c *Components) Dim() (n int) {
	for _, p := range c.parts {
		n += p.rows.Rows
	}
	return n
}
