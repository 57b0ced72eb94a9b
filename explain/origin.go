package explain

import (
	"context"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
)

// Origin says what some images of a data set are to a model.
type Origin struct {
	Split Split `json:"split"` // of the data set
	Seen  Seen  `json:"fitted"`
}

// Split is a part of a data set.
type Split string

const (
	Training Split = "training"
	Test     Split = "test"
)

// Seen says whether a model was fitted on images.
type Seen string

const (
	SeenNone Seen = "none"
	SeenSome Seen = "some"
	SeenAll  Seen = "all"
	Unknown  Seen = "unknown"
)

// String is what to call the images after their number.
func (o Origin) String() string {
	switch o {
	case Origin{Test, SeenNone}, Origin{Test, Unknown}:
		return "test images"
	case Origin{Training, SeenNone}:
		return "held-out training images"
	}
	return string(o.Split) + " images, " + map[Seen]string{
		SeenSome: "part of which the model may have been fitted on",
		SeenAll:  "which the model was fitted on",
		Unknown:  "which the model may have been fitted on",
	}[o.Seen]
}

// Fit says which images of a data set a model was fitted on: a split, but for those that
// smt fit --holdout left out.
type Fit struct {
	Split Split  // "" for other images, or if that is not known
	Held  int    // images of the split that were left out, as dataset.Holdout holds them
	Seed  uint64 // for this seed
}

// decoded is the number of image files that FitOf is willing to decode.
const decoded = 10_000

// FitOf finds the images that m was fitted on in a data set, by their fingerprint. It
// reads the data set once, but not a folder or a list of very many files. report, if not nil, is told how many
// images of a split are read.
func FitOf(ctx context.Context, m *smt.Model, set *dataset.Set, report func(done, total int)) (Fit, error) {
	d, seed := m.Record().Data, m.Config().Seed
	for _, s := range []struct {
		split Split
		src   dataset.Source
	}{{Training, set.Train}, {Test, set.Test}} {
		if d.Fingerprint == "" || s.src == nil || slices.Contains([]string{"folder", "list", "tar"}, set.Format) && s.src.Len() > decoded {
			continue
		}
		held, view := s.src.Len()-d.Images, smt.Member{Model: m}.View(s.src)
		if held < 0 || view.Shape() != d.Shape {
			continue
		}
		rest, _ := dataset.Holdout(view, held, seed)
		same, err := dataset.HasFingerprint(ctx, rest, d.Fingerprint, report)
		if err != nil {
			return Fit{}, err
		}
		if same {
			return Fit{s.split, held, seed}, nil
		}
	}
	return Fit{}, nil
}

// Of is the origin of the images of a split.
func (f Fit) Of(split Split) Origin {
	switch {
	case f.Split == "":
		return Origin{split, Unknown}
	case f.Split != split:
		return Origin{split, SeenNone}
	case f.Held > 0:
		return Origin{split, SeenSome}
	}
	return Origin{split, SeenAll}
}

// HeldOut is the origin of the n training images that dataset.Holdout holds for a seed.
func (f Fit) HeldOut(n int, seed uint64) Origin {
	o := f.Of(Training)
	// Those held for n are among those held for more.
	if o.Seen == SeenSome && seed == f.Seed && n <= f.Held {
		o.Seen = SeenNone
	}
	return o
}
