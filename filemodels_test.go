package smt

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
)

// withDropped is a model that has everything a file may have.
func withDropped(cfg Config) *Model {
	cfg.Skip, cfg.Whiten = 2, true
	m := random(rand.New(rand.NewPCG(1, 1)), cfg, dataset.Shape{Height: 9, Width: 9, Channels: 1})
	dim := m.enc.transform().Dim()
	m.enc.transform().Whitening = make([]float32, dim*dim)
	for i := range dim {
		m.enc.transform().Whitening[i*dim+i] = 2
	}
	for j := range cfg.Skip {
		row := make([]float32, cfg.Atoms)
		for a := range row {
			row[a] = float32(a%5) - 2
		}
		m.dropped = append(m.dropped, cooccur.Coordinate{Eigenvalue: float64(j) / 1e4, Atoms: row, Parity: int8(1 - 2*j)})
	}
	m.data.Fingerprint = strings.Repeat("0f", 32)
	m.data.Counted, m.data.Sampled = m.data.Images, m.data.Images
	return m
}

// withComponents is a model with all that a file may have, and components of two values each.
func withComponents(cfg Config) *Model {
	m := withDropped(cfg)
	dim := m.enc.cfg.Dim(m.data.Shape)
	mean, parts := make([]float32, dim), []embedding.Part{{To: dim}}
	if cfg.Flips {
		even := m.layout().EvenDim(m.enc.transform().Grid(m.data.Shape))
		mean, parts = mean[:even], []embedding.Part{{To: even}, {From: even, To: dim}}
	}
	for i := range mean {
		mean[i] = 0.5 / float32(dim)
	}
	for i := range parts {
		p := &parts[i]
		p.Variances = []float64{0.1, 0.01}
		p.Rows = make([]float32, 2*(p.To-p.From))
		for k, v := range p.Variances {
			p.Rows[k*(p.To-p.From)+3*k+1] = float32(math.Pow(v, -0.25))
		}
	}
	c, err := embedding.MadeOf(mean, parts, 0.5)
	if err != nil {
		panic(err)
	}
	return m.with(c, 7, 0.5)
}
