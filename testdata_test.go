package smt_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strconv"

	smt "github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/smttest"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/sparse"
)

// textures are small colour images of oriented stripes; the orientation is the
// class, phase, colour and noise vary.
type textures struct {
	n     int
	shape dataset.Shape
	seed  uint64
}

func (s textures) Len() int             { return s.n }
func (s textures) Shape() dataset.Shape { return s.shape }
func (s textures) Label(i int) int      { return i % 3 }
func (s textures) Classes() []string    { return []string{"upright", "level", "slanted"} }
func (textures) ID(i int) string        { return strconv.Itoa(i) }

func (s textures) Image(i int, pix []uint8) error {
	rng := rand.New(rand.NewPCG(s.seed, uint64(i)))
	period, phase := 3+2*rng.Float64(), 10*rng.Float64()
	var tint [3]float64
	for c := range tint {
		tint[c] = 0.5 + 0.5*rng.Float64()
	}
	at := 0
	for y := range s.shape.Height {
		for x := range s.shape.Width {
			along := []float64{float64(x), float64(y), 0.7 * float64(x+y)}[s.Label(i)]
			stripe := 0.5 + 0.5*math.Sin(2*math.Pi*(along+phase)/period)
			for c := range s.shape.Channels {
				pix[at] = uint8(30 + 180*tint[c]*stripe + 20*rng.Float64())
				at++
			}
		}
	}
	return nil
}

func colour(n int) textures { return textures{n, dataset.Shape{Height: 13, Width: 14, Channels: 3}, 1} }

// small is a configuration that fits in well under a second.
func small() smt.Config { return smttest.Small() }

// variants covers every choice a configuration offers.
func variants() map[string]smt.Config {
	all := smttest.Variants(small())
	for name, change := range map[string]func(*smt.Config){
		"learned":            func(c *smt.Config) { c.Dictionary, c.Code, c.Threshold = smt.Learned, sparse.L1, 0.2 },
		"k-means":            func(c *smt.Config) { c.Dictionary, c.Code = smt.KMeans, sparse.Nearest },
		"every second patch": func(c *smt.Config) { c.Step = 2 },
		"few images":         func(c *smt.Config) { c.Images = 40 },
	} {
		c := small()
		change(&c)
		all[name] = c
	}
	return all
}

// embedder is a model or an ensemble.
type embedder interface {
	Embeddings(src dataset.Source) (embedding.Set, error)
}

// labelled is embeddings of images and the images' labels.
func labelled(src dataset.Source, e embedding.Set) judge.Labelled {
	return judge.Labelled{Set: e, Labels: src, Coarse: dataset.Coarse(src)}
}

// evaluate judges the embeddings of images.
func evaluate(ctx context.Context, m embedder, bank, test dataset.Source, p judge.Protocol) (*judge.Evaluation, error) {
	b, err := m.Embeddings(bank)
	if err != nil {
		return nil, err
	}
	x, err := m.Embeddings(test)
	if err != nil {
		return nil, err
	}
	return judge.Evaluate(ctx, labelled(bank, b), labelled(test, x), p, nil)
}

// flipTo writes to out the embedding of the flip of an image with embedding e.
func flipTo(m *smt.Model, e []float32, s dataset.Shape, out []float32) {
	rows, cols := m.Stages().Transform.Grid(s)
	m.Stages().Layout.Flip(e, rows, cols, out)
}
