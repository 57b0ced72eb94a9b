package video

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/reuse"
	"github.com/sparse-manifold/smt/manifold"
	videosource "github.com/sparse-manifold/smt/source/video"
	"github.com/sparse-manifold/smt/sparse"
)

// Model is what was learned: whitening, atoms and linear map. It is immutable and safe for concurrent
// use.
type Model struct {
	enc    *Encoder
	p      *manifold.Projection
	values []float64
	vicreg manifold.VICReg
	data   Data
}

// Data describes the frames a model was fitted on.
type Data struct {
	Clips       int    `json:"clips"`
	Frames      int    `json:"frames"`
	Units       int64  `json:"units"` // that have a code
	Fingerprint string `json:"fingerprint"`
}

// check wants clips that can be, of so many places, and a fingerprint as Fit makes it or none.
func (d Data) check(places int) error {
	if digest, err := hex.DecodeString(d.Fingerprint); err != nil || len(digest) != 0 && len(digest) != sha256.Size {
		return fmt.Errorf("data: fingerprint is %q: want a SHA-256 in hexadecimal digits, or none", d.Fingerprint)
	}
	if d.Clips < 1 || d.Frames/2 < d.Clips || d.Frames > mostFrames || d.Units < 1 || (d.Units-1)/int64(places) >= int64(d.Frames) {
		return fmt.Errorf("data: %s, %s, %s: want at least 1 clip, of 2 frames, at most %d frames, and 1 unit to %d in each", plural.Of(d.Clips, "clip"), plural.Of(d.Frames, "frame"), plural.Of(d.Units, "unit"), int64(mostFrames), places)
	}
	return nil
}

func newModel(e *Encoder, s *manifold.Solution, data Data) (*Model, error) {
	manifold.RoundToWords(s.Kept)
	m := &Model{enc: e, p: manifold.Project(s.Kept, e.dict.N()), vicreg: s.VICReg, data: data}
	for _, c := range s.Kept {
		m.values = append(m.values, c.Eigenvalue)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("video: V is all but singular, and the solution is lost in rounding: use more frames, fewer atoms or a larger ridge than %g: %w", e.cfg.Ridge, err)
	}
	return m, nil
}

// Config is the configuration the model was fitted with.
func (m *Model) Config() Config { return m.enc.cfg }

// Data describes the frames the model was fitted on.
func (m *Model) Data() Data { return m.data }

// Eigenvalues are those of the kept coordinates, smallest first: how much each changes in a step of time.
func (m *Model) Eigenvalues() []float64 { return slices.Clone(m.values) }

// VICReg is the objective reached on the frames the model was fitted on.
func (m *Model) VICReg() manifold.VICReg { return m.vicreg }

// scratch is the working memory of one worker.
type scratch struct {
	group   videosource.Group
	encode  manifold.Scratch
	codes   sparse.Codes
	project manifold.Projector
	beta    []float32
}

// Embed writes the embeddings of frames to out, Dim values each. pix has their pixels, frame after
// frame, in the configuration's shape.
func (m *Model) Embed(ctx context.Context, pix []uint8, out []float32) error {
	size, dim := m.enc.cfg.Shape.Len(), m.enc.cfg.Dim()
	n := len(pix) / size
	if len(pix)%size != 0 || len(out) != n*dim {
		return fmt.Errorf("video: %s and room for %s: want frames of %s, and %s for each", plural.Of(len(pix), "byte"), plural.Of(len(out), "value"), plural.Of(size, "byte"), plural.Of(dim, "value"))
	}
	// A few frames at a time share one pass through the whitening matrix.
	step := max(1, sparse.BandLen(m.enc.places.Dim())/m.enc.places.Len())
	step = min(step, (n+parallel.Workers(n)-1)/max(1, parallel.Workers(n)))
	pieces := (n + step - 1) / max(1, step)
	work := make([]scratch, parallel.Workers(pieces))
	return parallel.ForErr(ctx, pieces, func(w, i int) error {
		first, last := i*step, min((i+1)*step, n)
		return m.embed(ctx, pix[first*size:last*size], &work[w], out[first*dim:last*dim])
	})
}

// embed is Embed on one worker.
func (m *Model) embed(ctx context.Context, pix []uint8, s *scratch, out []float32) error {
	places := m.enc.places
	s.group.See(places, pix)
	s.codes.Reset()
	each := places.Len()
	n := len(pix) / places.Shape.Len()
	if err := m.enc.engine.Encode(ctx, manifold.Span{Group: &s.group, Last: n * each, Fill: true}, &s.encode, &s.codes); err != nil {
		return err
	}
	s.beta = reuse.Slice(s.beta, each*m.p.Width())
	dim := m.enc.cfg.Dim()
	for t := range n {
		m.p.Embed(&s.codes, t*each, (t+1)*each, &s.project, s.beta)
		m.pool(s.beta, out[t*dim:(t+1)*dim])
	}
	return nil
}

// pool averages β over the squares of places. Places beyond the last whole square are left out.
func (m *Model) pool(beta, out []float32) {
	cfg, width := m.enc.cfg, m.p.Width()
	_, across := m.enc.places.Grid()
	high, wide := cfg.Pool, cfg.Pool
	if cfg.Pool == 0 {
		high, wide = m.enc.places.Grid()
	}
	rows, cols := cfg.cells()
	clear(out)
	share := 1 / float32(high*wide)
	for r := range rows * high {
		for c := range cols * wide {
			cell := out[(r/high*cols+c/wide)*cfg.Dims:][:cfg.Dims]
			from := beta[(r*across+c)*width:]
			for j := range cell {
				cell[j] += share * from[j]
			}
		}
	}
}
