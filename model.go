package smt

import (
	"context"
	"errors"
	"fmt"
	"image"
	"iter"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/patch"
)

// Model is what was learned: whitening, dictionary and linear map. It is
// immutable and safe for concurrent use.
type Model struct {
	enc      *Encoder
	values   []float64
	parity   []int8 // of each coordinate under flips, nil without flips
	vicreg   VICReg
	data     Data
	software string // version of the software that fitted it
	summed   bool   // fitted here, or read from a file with checksums

	dropped []cooccur.Coordinate // the Skip coordinates before those kept, nil if a file has none

	p *manifold.Projection

	components *embedding.Components // that embeddings are shortened to, nil for none
}

// Data describes the images a model was fitted on. Flips and gray views, where Config
// asks for them, come with each image and are not counted as more images.
type Data struct {
	Shape dataset.Shape `json:"shape"`
	// Images is how many the model was fitted on. Not all of them need to be in its
	// statistics: Config.Images bounds these. A model that Solve made has as many as its
	// statistics.
	Images int `json:"images"`
	// Counted is how many of them the statistics are of. 0 is that it is not recorded.
	Counted int `json:"counted,omitempty"`
	// Sampled is how many the whitening and the atoms were learned from, which
	// Config.Sample bounds. 0 is that it is not recorded.
	Sampled     int    `json:"sampled,omitempty"`
	Patches     int64  `json:"patches"` // coded, of images and gray views, flips not counted
	Fingerprint string `json:"fingerprint,omitempty"`
	// Depth is how many bits samples of 16 bits had, see dataset.Depth.
	Depth int `json:"depth,omitempty"`
}

// dataOf describes the images that statistics are of.
func (e *Encoder) dataOf(s cooccur.Summary) Data {
	n := int(s.Groups)
	if e.cfg.Grayscale {
		n /= 2 // statistics count a gray view as an image
	}
	return Data{Shape: e.patches.Shape, Images: n, Counted: n, Sampled: e.sampled, Patches: s.Coded}
}

// completed is the data of a model file with the numbers that files of earlier versions
// do not state, where they follow from what these do state: Fit, which alone leaves a
// fingerprint, bounds both by the configuration, and a model that Solve made has in
// Images how many were counted.
func (d Data) completed(c Config) Data {
	if d.Counted > 0 {
		return d
	}
	if d.Fingerprint == "" {
		if c.Grayscale {
			d.Images /= 2
		}
		d.Counted = d.Images
		return d
	}
	d.Counted, d.Sampled = atMost(c.Images, d.Images), atMost(c.Sample, d.Images)
	return d
}

// atMost is n, or bound if that is fewer and not 0, which is no bound.
func atMost(bound, n int) int {
	if bound == 0 {
		return n
	}
	return min(bound, n)
}

// newModel makes a model of what was learned, without components: Shorten adds them.
func newModel(e *Encoder, s *manifold.Solution) *Model {
	manifold.RoundToWords(s.Kept)
	manifold.RoundToWords(s.Dropped)
	m := &Model{enc: e, software: Version, summed: true, p: manifold.Project(s.Kept, e.dict.N()),
		dropped: s.Dropped, vicreg: s.VICReg, data: e.dataOf(s.Of)}
	for _, c := range s.Kept {
		m.values = append(m.values, c.Eigenvalue)
		if e.dict.Mirror != nil {
			m.parity = append(m.parity, c.Parity)
		}
	}
	return m.Long()
}

// Config is the configuration the model was fitted with. Its Components are 0 where the model
// has none.
func (m *Model) Config() Config { return m.enc.cfg }

// Whole is the model that embeds images by all their patches, whatever Config.Thin says. Its embeddings are
// compared with those of m: the cells of both are means over the same windows. It is for queries, which are
// few: a bank is thin for speed.
func (m *Model) Whole() *Model {
	e, changed := *m.enc, *m
	e.cfg.Thin = 0
	changed.enc = &e
	return &changed
}

// Dim is the number of values of the embedding of an image, before components shorten it: rows
// of cells × columns of cells, or the number of frequencies kept, × Dims.
func (c Config) Dim(s dataset.Shape) int {
	return c.layout().Dim(patch.Grid(s, c.Patch))
}

// Dim is the number of values of the embedding of an image: of components, where the model has
// them, or else Config.Dim.
func (m *Model) Dim(s dataset.Shape) int {
	if m.components != nil {
		return m.components.Dim()
	}
	return m.enc.cfg.Dim(s)
}

// Check reports whether images of the shape can be embedded.
func (m *Model) Check(s dataset.Shape) error {
	if s.Channels != m.enc.transform().Channels {
		return fmt.Errorf("smt: images have %s, the model was fitted on images with %d", plural.Of(s.Channels, "channel"), m.enc.transform().Channels)
	}
	if err := m.enc.cfg.fits(s); err != nil {
		return err
	}
	if m.components == nil {
		return nil
	}
	return m.checkShape(s)
}

// Embed returns the embedding of an image.
//
// Of a model without components the image may have any size not smaller than a patch
// and a pooling window. The embedding is then cell by cell, rows first, Dims values each of unit
// length (zero for a cell of blank patches). With Config.Spectrum there are
// spatial frequencies in place of cells, those down before those across, lowest first,
// and all values together have unit length.
//
// Of a model with components the image has the size that these were learned from, or one of as
// many cells. The embedding is the components, those that a flip keeps first, of unit length
// together.
func (m *Model) Embed(img image.Image) ([]float32, error) {
	if img == nil {
		return nil, errors.New("smt: the image is nil: want one to embed")
	}
	b := img.Bounds()
	shape := dataset.Shape{Height: b.Dy(), Width: b.Dx(), Channels: m.enc.transform().Channels}
	if err := m.Check(shape); err != nil {
		return nil, err
	}
	src := dataset.Single(shape, dataset.FromImage(img, shape))
	if m.components != nil {
		for x, err := range m.embeddings(src, options{}).Blocks(context.Background(), 1) {
			return x, err
		}
	}
	out := make([]float32, m.Dim(shape))
	return out, m.embed(context.Background(), src, 0, new(scratch), out)
}

// embed writes the embedding of an image to out, without components. It codes and pools the image band by band: all codes of a large one take more
// memory than there may be.
func (m *Model) embed(ctx context.Context, src dataset.Source, i int, s *scratch, out []float32) error {
	rows, cols := m.enc.transform().Grid(src.Shape())
	layout := m.layout()
	if err := s.group.Open(m.enc.transform(), src, i, s.usedOf(layout, rows, cols)); err != nil {
		return err
	}
	s.codes.Reset()
	from, to := 0, 0 // the patches that s.codes has
	return layout.Embed(rows, cols, m.p.Width(), &s.pool, out, func(first, last int, beta []float32) error {
		s.codes.Drop(min(first, to) - from)
		from, to = first, max(first, to)
		if err := m.enc.engine.Encode(ctx, manifold.Span{Group: &s.group, First: to, Last: last, Fill: true}, &s.encode, &s.codes); err != nil {
			return err
		}
		to = last
		m.p.Embed(&s.codes, first-from, last-from, &s.project, beta)
		return nil
	})
}

// EmbedAll yields the embeddings of the images of src, in order, as Embed
// returns them. They are computed in blocks on all workers; memory does not
// depend on the number of images. A slice is valid until the next one is
// yielded. After an error, which a nil slice comes with, it ends.
func (m *Model) EmbedAll(ctx context.Context, src dataset.Source, list ...Option) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		if err := m.Check(src.Shape()); err != nil {
			yield(nil, err)
			return
		}
		dim, n := m.Dim(src.Shape()), embedding.BlockRows(embedding.Block, m.enc.cfg.Dim(src.Shape()))
		blocks := m.embedBlocks(ctx, src, apply(list), n)
		if m.components != nil {
			blocks = m.embeddings(src, apply(list)).Blocks(ctx, n)
		}
		for block, err := range blocks {
			if err != nil {
				yield(nil, err)
				return
			}
			for i := 0; i < len(block); i += dim {
				if !yield(block[i:i+dim:i+dim], nil) {
					return
				}
			}
		}
	}
}

// embedBlocks yields the embeddings of up to n images after each other, without components.
func (m *Model) embedBlocks(ctx context.Context, src dataset.Source, o options, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		dim := m.enc.cfg.Dim(src.Shape())
		block := make([]float32, min(n, src.Len())*dim)
		work := make([]scratch, parallel.Workers(n))
		for first := 0; first < src.Len(); first += n {
			count := min(n, src.Len()-first)
			o.report("embedding", first, src.Len())
			err := parallel.ForErr(ctx, count, func(w, i int) error {
				return m.embed(ctx, src, first+i, &work[w], block[i*dim:(i+1)*dim])
			})
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(block[:count*dim], nil) {
				return
			}
		}
		o.report("embedding", src.Len(), src.Len())
	}
}
