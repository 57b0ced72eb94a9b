package smt

import "github.com/sparse-manifold/smt/dataset"

// Straight is the model that takes images as they are: of a model that straightens them
// (Config.Deskew), what is behind that, and any other model itself. What it makes of the images of
// See, m makes of those that See was given. Who shows what a model sees, shows these.
func (m *Model) Straight() *Model {
	if !m.enc.cfg.Deskew {
		return m
	}
	e, changed, t := *m.enc, *m, *m.enc.transform()
	t.Deskew, e.cfg.Deskew = false, false
	e.patches.Transform = &t
	changed.enc = &e
	return &changed
}

// See is src as the model sees it: straightened, if the model does so (dataset.Deskew).
func (m *Model) See(src dataset.Source) dataset.Source {
	if !m.enc.cfg.Deskew {
		return src
	}
	return dataset.Deskew(src)
}
