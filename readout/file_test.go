package readout

import (
	"bytes"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/embedding"
)

// saved is what a classifier is written as; that of Ridge has a kernel with a cut.
func saved(t testing.TB, m Method) (c *Classifier, h, queries held, file []byte) {
	b, h, labels, queries, _ := bank(t, 120)
	if m == Ridge {
		b.cut(t, some(labels), m)
	}
	c, err := b.Learn(t.Context(), some(labels), names, m)
	if err != nil {
		t.Fatal(err)
	}
	var w bytes.Buffer
	if err := c.SaveTo(&w, "clusters"); err != nil {
		t.Fatal(err)
	}
	return c, h, queries, w.Bytes()
}

// What is read again answers the same, to the last bit.
func TestLoadAnswersAsSaved(t *testing.T) {
	for _, m := range Methods() {
		c, h, queries, file := saved(t, m)
		path := filepath.Join(t.TempDir(), "labels.readout")
		if err := c.Save(path, "clusters"); err != nil {
			t.Fatal(err)
		}
		for _, load := range []func() (*Classifier, error){
			func() (*Classifier, error) { return Load(path, "clusters", h) },
			func() (*Classifier, error) {
				return LoadFrom(bytes.NewReader(file), int64(len(file)), "clusters", h)
			},
		} {
			again, err := load()
			if err != nil {
				t.Fatal(err)
			}
			want, err := c.Classify(t.Context(), queries, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := again.Classify(t.Context(), queries, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) || again.Method() != c.Method() || again.Cut() != c.Cut() || c.Cut() > 0 != (m == Ridge) || !reflect.DeepEqual(again.Classes(), names) {
				t.Errorf("method %s: other answers after loading", m)
			}
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	c, h, _, _ := saved(t, RidgeVote)
	for want, change := range map[string]func(c *Classifier){
		"tensor items: value 1 is 0: want increasing": func(c *Classifier) { c.items = append([]int{0, 0}, c.items[2:]...) },
		"tensor items: value 0 is 600: want":          func(c *Classifier) { c.items = append([]int{600}, c.items[1:]...) },
		"tensor hubness: value 0 is 7":                func(c *Classifier) { c.hubness = append([]float32{7}, c.hubness[1:]...) },
		"tensor targets: value 0 is -1":               func(c *Classifier) { c.targets = append([]float32{-1}, c.targets[1:]...) },
		"scale is":                                    func(c *Classifier) { c.scale.Ridge = 0 },
		"want no power of what a ridge says":          func(c *Classifier) { c.scale.Power = true },
		"tensor labelled: value 0 is 2":               func(c *Classifier) { c.labelled = append([]uint8{2}, c.labelled[1:]...) },
		"cut is 2: want a cosine":                     func(c *Classifier) { c.cut = 2 },
		"hubness is 3":                                func(c *Classifier) { c.mean = 3 },
		"method is auto":                              func(c *Classifier) { c.plan.method = Chosen },
		`method is "other"`:                           func(c *Classifier) { c.plan.method = "other" },
		"1 class: want two":                           func(c *Classifier) { c.names = names[:1] },
		"bank is 599":                                 func(c *Classifier) { c.bank = h.Pick(all(599)) },
	} {
		wrong := *c
		change(&wrong)
		if len(wrong.names) != len(names) {
			wrong.targets = wrong.targets[:len(wrong.items)*len(wrong.names)]
			wrong.coefficients = wrong.coefficients[:len(wrong.targets)]
		}
		var w bytes.Buffer
		if err := wrong.SaveTo(&w, "clusters"); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadFrom(bytes.NewReader(w.Bytes()), int64(w.Len()), "clusters", h); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	var w bytes.Buffer
	if err := c.SaveTo(&w, "clusters"); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadFrom(bytes.NewReader(w.Bytes()), int64(w.Len()), "others", h); err == nil || !strings.Contains(err.Error(), `it was learned of another bank: identity is "clusters": want that of the bank, "others"`) {
		t.Errorf("another bank: error %v", err)
	}
}

// older is what an earlier version wrote: no power, and not which items had labels.
func older(t *testing.T, c *Classifier, version int) (w bytes.Buffer) {
	contents := c.contents("clusters")
	h := contents.Header.(header)
	h.Version, h.Scale.Power = version, false
	contents.Header = h
	contents.Tensors = append(contents.Tensors[:3:3], contents.Tensors[4:]...)
	if err := kind.SaveTo(&w, contents); err != nil {
		t.Fatal(err)
	}
	return w
}

// A file of version 2 has no power of votes, and not which items had labels: it answers as it did, and each item knows what it has.
func TestVersionWithoutPower(t *testing.T) {
	for _, m := range []Method{Spreading, RidgeVote} {
		c, h, queries, _ := saved(t, m)
		old := *c
		old.scale.Power, old.scale.Sharpness = false, 8
		w := older(t, &old, 2)
		again, err := LoadFrom(bytes.NewReader(w.Bytes()), int64(w.Len()), "clusters", h)
		if err != nil {
			t.Fatal(err)
		}
		got, err := again.Classify(t.Context(), queries, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range got {
			if want := softmax(a.Scores, 8); !reflect.DeepEqual(a.Probabilities, want) {
				t.Fatalf("method %s: probabilities %v of scores %v, want %v", m, a.Probabilities, a.Scores, want)
			}
		}
		items, err := again.Classify(t.Context(), h.Pick([]int{1}), []int{1})
		if err != nil {
			t.Fatal(err)
		}
		among, err := again.Classify(t.Context(), h.Pick([]int{1}), nil)
		if err != nil {
			t.Fatal(err)
		}
		if m == Spreading && !reflect.DeepEqual(items, among) {
			t.Errorf("an item of an old file: %v, want %v", items, among)
		}
	}
}

// A file of version 1 is read, unless its kernel has a cut, which means something else since.
func TestEarlierVersion(t *testing.T) {
	for _, m := range []Method{RidgeVote, Ridge} {
		c, h, _, _ := saved(t, m)
		w := older(t, c, 1)
		_, err := LoadFrom(bytes.NewReader(w.Bytes()), int64(w.Len()), "clusters", h)
		if m == RidgeVote && err != nil || m == Ridge && (err == nil || !strings.Contains(err.Error(), "as version 1 has it, with a step at the cut of 0.05")) {
			t.Errorf("method %s: error %v", m, err)
		}
	}
}

// Whatever the bytes, a file is refused or one that can be written again.
func FuzzLoad(f *testing.F) {
	small, labels := held{embedding.Vectors{Rows: [][]float32{{1, 0}, {0, 1}, {0.6, 0.8}}, Width: 2, EvenWidth: 1}}, []int{0, 1, -1}
	for _, m := range []Method{Vote, RidgeVote} {
		p, err := m.plan(2, 3, 2)
		if err != nil {
			f.Fatal(err)
		}
		c := &Classifier{plan: p, names: names[:2], bank: small, items: []int{0, 1}, hubness: []float32{0, 0.1}, targets: []float32{1, 0, 0, 1},
			coefficients: []float32{1, -1, -1, 1}, labelled: []uint8{1, 0}, scale: scale{1, 1, float64(len(labels)), m == Vote}}
		var w bytes.Buffer
		if err := c.SaveTo(&w, "small"); err != nil {
			f.Fatal(err)
		}
		f.Add(w.Bytes())
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		c, err := LoadFrom(bytes.NewReader(file), int64(len(file)), "small", small)
		if err != nil {
			return
		}
		if _, err := c.Classify(t.Context(), small, nil); err != nil {
			t.Fatal(err)
		}
		if err := c.SaveTo(&bytes.Buffer{}, "small"); err != nil {
			t.Fatal(err)
		}
	})
}
