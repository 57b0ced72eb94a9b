package explain

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// Pair says why two images, A and B, are similar. It splits their cosine into
// parts in several ways, and in each way the parts add up to Cosine.
//
// A cell of an embedding is s/‖s‖, s = Σ_i β_i/‖β_i‖ over the patches of the
// cell, β_i = Σ_a φ_ia P_a over the atoms. With the norms given, and the amplitudes of
// their frequencies where an embedding is of these, the cosine is linear in the patches of an
// image, and in its codes.
//
// Components subtract the mean of all embeddings. What that takes off the cosine is spread evenly
// over the parts, of each kind: over the cells, the patches, their pixels, and the active atoms. An
// image without any has no atoms to add up.
//
// Patches of B that its embedding is not made of (smt.Config.Thin) add nothing, nor do their atoms.
type Pair struct {
	Cosine float64
	// Cells is what each cell adds, by rows: where the embedding is made of cells, the
	// cosine of the two over √(n_A n_B), with n the number of cells of an image that are
	// not zero; where it is of their frequencies, the mean of what the cell adds in A and in B.
	Cells              []float64
	CellRows, CellCols int
	A, B               Side
}

// Side is one image of a Pair.
type Side struct {
	// Patches is what each patch adds: Rows × Cols, by rows.
	Patches    []float64
	Rows, Cols int
	// Pixels spreads what a patch adds evenly over its pixels: Height × Width.
	Pixels        []float64
	Height, Width int
	// Atoms is what each atom active in the image adds, the most first.
	Atoms []Share

	d     int
	size  int       // of a patch, in pixels
	unit  []float32 // β/‖β‖ of each patch, patches × d; zero without code
	norm  []float64 // ‖β‖
	cells []float64 // of the embedding: cells × d, unit vectors or zero
	share []float64 // 1/‖s‖ of each cell, 0 for a cell of zero
	part  []float64 // the share of the image that each patch is, 0 of those that the embedding is not made of
	cover [][]int   // the cells that each patch is in
	other *Side

	product product
	side    int // of the pair, as the product counts them
}

// Share is a value at an atom.
type Share struct {
	Atom  int     `json:"atom"`
	Value float64 `json:"value"`
}

// Why splits the cosine of the embeddings of two images of one shape: of A as a query, by all its patches
// (smt.Model.Whole), and of B as the model embeds it.
func Why(m *smt.Model, a, b Image) (*Pair, error) {
	if a.Shape != b.Shape {
		return nil, fmt.Errorf("explain: images are %v and %v: want two of one shape", a.Shape, b.Shape)
	}
	p := &Pair{}
	readA, err := p.A.embed(m.Whole(), a)
	if err != nil {
		return nil, err
	}
	readB, err := p.B.embed(m, b)
	if err != nil {
		return nil, err
	}
	p.A.other, p.B.other = &p.B, &p.A
	p.CellRows, p.CellCols = m.Stages().Layout.Grid(p.A.Rows, p.A.Cols)
	p.B.side = 1
	p.A.product = newProduct(m, p)
	p.B.product = p.A.product
	p.Cells = make([]float64, len(p.A.share))
	codes := [2]*sparse.Codes{&readA.Codes, &readB.Codes}
	for i, s := range [2]*Side{&p.A, &p.B} {
		pull, taken := s.product.with(s.other.side, s.other.cells, 1)
		for c := range p.Cells {
			p.Cells[c] += (dot(row(s.cells, c, s.d), row(pull, c, s.d)) - taken/float64(len(p.Cells))) / 2
		}
		s.split(m, codes[i], pull, taken)
	}
	for _, v := range p.Cells {
		p.Cosine += v
	}
	return p, nil
}

// embed computes what the split needs of an image.
func (s *Side) embed(m *smt.Model, im Image) (*Reading, error) {
	r, err := Read(m, im.Source(), 0, true)
	if err != nil {
		return nil, err
	}
	s.Rows, s.Cols, s.size = r.Rows, r.Cols, m.Stages().Transform.Size
	s.Height, s.Width = im.Shape.Height, im.Shape.Width
	s.d = m.Config().Dims
	s.unit = Embed(m, &r.Codes)
	for i := range r.Codes.N() {
		s.norm = append(s.norm, toUnit(row(s.unit, i, s.d)))
	}
	s.pool(m)
	return r, nil
}

func (s *Side) pool(m *smt.Model) {
	s.cover, s.part = make([][]int, s.Rows*s.Cols), make([]float64, s.Rows*s.Cols)
	used := m.Stages().Layout.Used(s.Rows, s.Cols)
	for _, i := range used {
		s.part[i] = 1 / float64(len(used))
	}
	for cell, patches := range m.Stages().Layout.Patches(s.Rows, s.Cols) {
		sum := make([]float64, s.d)
		for _, i := range patches {
			s.cover[i] = append(s.cover[i], cell)
			for j, v := range row(s.unit, i, s.d) {
				sum[j] += float64(v)
			}
		}
		share := 0.0
		if n := toUnit(sum); n > 0 {
			share = 1 / n
		}
		s.cells, s.share = append(s.cells, sum...), append(s.share, share)
	}
}

// split fills Patches, Pixels and Atoms. The cosine is Σ_i u_i·g_i, with u_i the
// unit embedding of patch i and
//
//	g_i = Σ_c share_c · pull_c   over the cells that hold patch i
//
// with pull what the product has with the cells of the other image, less what the mean takes.
func (s *Side) split(m *smt.Model, codes *sparse.Codes, pull []float64, taken float64) {
	s.Patches = make([]float64, s.Rows*s.Cols)
	atoms := map[int]float64{}
	g := make([]float64, s.d)
	for i := range s.Patches {
		s.pulled(i, pull, g)
		s.Patches[i] = dot(row(s.unit, i, s.d), g) - taken*s.part[i]
		if s.norm[i] == 0 || s.part[i] == 0 {
			continue
		}
		for k := codes.Start[i]; k < codes.Start[i+1]; k++ {
			a := int(codes.Atom[k])
			atoms[a] += value(codes, int(k)) * dot(m.Stages().Projection.Row(a), g) / s.norm[i]
		}
	}
	s.Pixels = s.Spread(s.Patches)
	for a, v := range atoms {
		s.Atoms = append(s.Atoms, Share{a, v - taken/float64(len(atoms))})
	}
	slices.SortFunc(s.Atoms, func(x, y Share) int {
		return cmp.Or(cmp.Compare(y.Value, x.Value), cmp.Compare(x.Atom, y.Atom))
	})
}

// pulled is g_i.
func (s *Side) pulled(i int, pull, g []float64) {
	clear(g)
	for _, c := range s.cover[i] {
		for j, v := range row(pull, c, s.d) {
			g[j] += s.share[c] * v
		}
	}
}

// Spread spreads values of patches, Rows × Cols, evenly over their pixels, Height ×
// Width.
func (s *Side) Spread(patches []float64) []float64 {
	shape, pixels := dataset.Shape{Height: s.Height, Width: s.Width}, make([]float64, s.Height*s.Width)
	for i, v := range patches {
		box := patch.Box(shape, s.size, i)
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				pixels[y*s.Width+x] += v / float64(s.size*s.size)
			}
		}
	}
	return pixels
}

// Match splits what patch i of this image adds over the patches j of the other:
// Rows × Cols values, which add up to Patches[i]. It is u_j·h_j with
//
//	h_j = Σ_c share_c · p_c   over the cells that hold patch j
//
// less what the mean takes, and p the product with v, what patch i adds to the cells of its image.
func (s *Side) Match(i int) []float64 {
	v := make([]float64, len(s.cells))
	for _, c := range s.cover[i] {
		for j, u := range row(s.unit, i, s.d) {
			v[c*s.d+j] = s.share[c] * float64(u)
		}
	}
	v, taken := s.product.with(s.side, v, s.part[i])
	out := make([]float64, len(s.other.Patches))
	for j, cells := range s.other.cover {
		out[j] -= taken * s.other.part[j]
		for _, c := range cells {
			out[j] += s.other.share[c] * dot(row(s.other.unit, j, s.d), row(v, c, s.d))
		}
	}
	return out
}
