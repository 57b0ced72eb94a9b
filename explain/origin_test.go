package explain

import (
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
)

// unread is a source that nobody is to look at.
type unread struct {
	dataset.Source
	t *testing.T
}

func (u unread) Image(int, []uint8) error {
	u.t.Error("an image was read")
	return nil
}

func TestFitOf(t *testing.T) {
	src := colour(60)
	rest, _ := dataset.Holdout(src, 9, small().Seed)
	gray := small()
	gray.Whiten, gray.MaxCosine, gray.Threshold = false, 0.99, 0.6
	other := ofSize(60, src.Size, 2)
	whole := fitted(t, src, small())
	unknown := fitted(t, other, small())
	for name, c := range map[string]struct {
		m    *smt.Model
		set  dataset.Set
		want Fit
	}{
		"all training images": {whole, dataset.Set{Train: src, Test: other}, Fit{Training, 0, 1}},
		"the test split":      {whole, dataset.Set{Train: other, Test: src}, Fit{Test, 0, 1}},
		"some held out":       {fitted(t, rest, small()), dataset.Set{Train: src}, Fit{Training, 9, 1}},
		"gray views":          {fitted(t, dataset.Gray(src), gray), dataset.Set{Train: src}, Fit{Training, 0, 1}},
		"other images":        {unknown, dataset.Set{Train: src}, Fit{}},
		// Without a look at any image.
		"fewer images":     {whole, dataset.Set{Train: unread{colour(59), t}}, Fit{}},
		"another shape":    {whole, dataset.Set{Train: unread{ofSize(60, dataset.Shape{Height: 9, Width: 9, Channels: 3}, 1), t}}, Fit{}},
		"many files":       {whole, dataset.Set{Format: "folder", Train: unread{colour(decoded + 1), t}}, Fit{}},
		"no images at all": {whole, dataset.Set{Train: colour(0)}, Fit{}},
	} {
		got, err := FitOf(t.Context(), c.m, &c.set, nil)
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, c.want)
		}
	}
}

// Every origin has words of its own, but for test images that are new to the model or may
// be: these are called what they are in their data set.
func TestOriginWords(t *testing.T) {
	seen := map[string]Origin{}
	for _, split := range []Split{Training, Test} {
		for _, s := range []Seen{SeenNone, SeenSome, SeenAll, Unknown} {
			o := Origin{split, s}
			if same, ok := seen[o.String()]; ok && (same != Origin{Test, SeenNone} || o != Origin{Test, Unknown}) {
				t.Errorf("%+v and %+v are both called %s", o, same, o)
			}
			seen[o.String()] = o
		}
	}
	if len(seen) != 7 {
		t.Errorf("%d names, want 7: %v", len(seen), seen)
	}
}
