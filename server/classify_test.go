package server

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/memory"
)

// twoLabels are labels of two items.
const twoLabels = "id,label\nkind/0.png,x\nkind/1.png,y\n"

// named asks for classes, and wants an answer.
func named(t *testing.T, path, labels string) *answers.Classified {
	t.Helper()
	w := askOf(indexed(), "POST", path, strings.NewReader(labels))
	var got answers.Classified
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK || got.Index != "small.index" {
		t.Fatalf("%s: %d, %v, %s", path, w.Code, err, w.Body)
	}
	return &got
}

// Classes that are asked for over HTTP are those that package answers finds: of all items without a label, of one item, and
// by the labels of the index.
func TestClassifyAnIndex(t *testing.T) {
	x, ctx := indexed().x, t.Context()
	g, err := graph.New(ctx, x, graph.Nearest, nil)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := answers.NumbersOf(ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	two, err := answers.ReadLabels(strings.NewReader(twoLabels), ids)
	if err != nil {
		t.Fatal(err)
	}
	own, err := answers.OwnLabels(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, body string
		labels     *answers.Labels
		of         answers.Unnamed
	}{
		{"/api/classify", twoLabels, two, answers.Unnamed{Images: x.Pick(two.Open()), Own: two.Open(), Why: 3}},
		{"/api/classify?why=0", twoLabels, two, answers.Unnamed{Images: x.Pick(two.Open()), Own: two.Open()}},
		{"/api/classify?item=kind%2F9.png&why=20", twoLabels, two, answers.Unnamed{Images: x.Pick([]int{9}), Own: []int{9}, Why: 20}},
		{"/api/classify?item=kind%2F9.png", "", own, answers.Unnamed{Images: x.Pick([]int{9}), Own: []int{9}, Why: 3}},
	} {
		learned, err := answers.Learn(ctx, x, g, c.labels, nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := answers.Classify(ctx, x, learned, c.labels, c.of)
		if err != nil {
			t.Fatal(err)
		}
		got := named(t, c.path, c.body)
		want.Index, want.Seconds = got.Index, got.Seconds
		for _, list := range want.Images {
			for i := range list.Why {
				list.Why[i].Number = 0 // JSON has it not
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v\nwant\n%+v", c.path, got, want)
		}
	}
	// Images that are sent, with labels and without.
	for _, c := range []struct {
		of    *answers.Labels
		parts []formPart
	}{
		{two, []formPart{bankFile(t, "image", 9), {"labels", "l.csv", []byte(twoLabels)}, bankFile(t, "image", 70)}},
		{own, []formPart{bankFile(t, "image", 9), bankFile(t, "image", 70)}},
	} {
		_, images := fitted()
		models, err := x.Models()
		if err != nil {
			t.Fatal(err)
		}
		sent := embedding.Vectors{Width: x.Dim(), EvenWidth: x.Even(), IDs: []string{"9.png", "70.png"}}
		for _, i := range []int{9, 70} {
			row, err := answers.Embed(ctx, models.Whole(), x.Shape(), imageOf(t, images.Bank, i).Pix)
			if err != nil {
				t.Fatal(err)
			}
			sent.Rows = append(sent.Rows, slices.Clone(row))
		}
		learned, err := answers.Learn(ctx, x, g, c.of, nil)
		if err != nil {
			t.Fatal(err)
		}
		pixels := answers.Pixels{Models: models, Of: [][]byte{imageOf(t, images.Bank, 9).Pix, imageOf(t, images.Bank, 70).Pix}}
		want, err := answers.Classify(ctx, x, learned, c.of, answers.Unnamed{Images: sent, Why: 3, Pixels: pixels})
		if err != nil {
			t.Fatal(err)
		}
		w := sendForm(indexed(), "/api/classify", c.parts...)
		var got answers.Classified
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d, %v, %s", w.Code, err, w.Body)
		}
		if len(got.Images) != 2 || !reflect.DeepEqual(got.Images[1].Probabilities, want.Images[1].Probabilities) || got.Images[1].Image != "70.png" ||
			got.Images[0].Label != want.Images[0].Label || got.Images[0].Image != "9.png" || len(got.Images[0].Why) != len(want.Images[0].Why) || got.Labels != want.Labels {
			t.Errorf("%+v\nwant %+v", got, want)
		}
		for i, v := range got.Images {
			if len(v.Atoms) != 3 || !reflect.DeepEqual(v.Atoms, want.Images[i].Atoms) || !reflect.DeepEqual(v.Split, want.Images[i].Split) || math.Abs(v.Split.Sum-v.Split.Score) > 1e-4 {
				t.Errorf("%s: atoms %+v of %+v, want %+v of %+v", v.Image, v.Atoms, v.Split, want.Images[i].Atoms, want.Images[i].Split)
			}
		}
	}
	if all := named(t, "/api/classify", twoLabels); len(all.Images) != indexItems-2 || all.Labels != 2 || strings.Join(all.Classes, " ") != "x y" {
		t.Errorf("of two labels: %d images, %d labels, classes %v", len(all.Images), all.Labels, all.Classes)
	}
}

// What cannot be answered is refused before the work, and a wrong request does not wait for who computes.
func TestClassifyRefuses(t *testing.T) {
	s := indexed()
	if err := s.computing.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, body string
		status     int
		says       string
	}{
		{"/api/classify?why=21", twoLabels, 400, "why is \"21\": want 0 to 20"},
		{"/api/classify?item=none.png", twoLabels, 404, `no item "none.png"`},
		{"/api/classify?item=", twoLabels, 404, `no item ""`},
		{"/api/classify", "none.png,x\n", 400, `labels: line 1: no item has the id "none.png"`},
		{"/api/classify", "kind/0.png,x\n", 400, "labels: the labels have 1 class: want two at least"},
		{"/api/classify", "kind/0.png,x\nkind/0.png,y\n", 400, `"kind/0.png" has the label "y", and before "x"`},
		{"/api/classify", "kind/0.png\n", 400, "want an id and a label in each line"},
		{"/api/classify", "", 400, "all items of the index have labels: want one"},
		{"/api/classify", strings.Repeat("x", uploadBytes+1), 413, "more than 16 MiB"},
	} {
		w := askOf(s, "POST", c.path, strings.NewReader(c.body))
		mustRefuse(t, c.path, w, c.status, c.says)
	}
	digit := bankFile(t, "image", 9)
	labels := formPart{"labels", "l.csv", []byte(twoLabels)}
	for _, c := range []struct {
		says, query string
		status      int
		parts       []formPart
	}{
		{"the form has no image: want one or more, as of curl -F image=@FILE", "", 400, []formPart{labels}},
		{`the form has "labels" twice`, "", 400, []formPart{digit, labels, labels}},
		{`the form has a field "b": want image, and labels`, "", 400, []formPart{digit, {field: "b"}}},
		{"the form has more than 100 images", "", 400, slices.Repeat([]formPart{digit}, 101)},
		{"image: no image that can be read", "", 415, []formPart{{"image", "x.png", []byte("x")}}},
		{`item is "kind/1.png", and images were sent`, "?item=kind/1.png", 400, []formPart{digit}},
		{"labels: the labels have 1 class", "", 400, []formPart{digit, {field: "labels", content: []byte("kind/0.png,x\n")}}},
	} {
		mustRefuse(t, c.says, sendForm(s, "/api/classify"+c.query, c.parts...), c.status, c.says)
	}
	r := example(s, route{pattern: "POST /api/classify"}, header("Content-Type", "multipart/mixed; boundary=x"))
	mustRefuse(t, "another kind of parts", r, http.StatusUnsupportedMediaType, "want the file alone")
	s.computing.leave()
	mustRefuse(t, "GET", askOf(s, "GET", "/api/classify", nil), http.StatusNotFound, "nothing is at /api/classify")
	one := NewIndex(indexOf(1), Options{})
	mustRefuse(t, "one class", askOf(one, "POST", "/api/classify", nil), http.StatusBadRequest, "have 1 class of their own: want labels in the body")
	mustHaveAllBack(t, &s.desk)
}

// Who leaves ends the work, of which one is done at a time; and the answer needs room, the more the more classes there are.
func TestClassifyEnds(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	var s *Index // which the function below looks at
	s = NewIndex(indexOf(indexItems), Options{Progress: func(string, int, int) {
		if len(s.computing) != 1 {
			t.Error("it computes without its place")
		}
		leave()
	}})
	left := example(s, route{pattern: "POST /api/classify"}, func(r *http.Request) *http.Request { return r.WithContext(ctx) })
	mustRefuse(t, "who has left", left, http.StatusServiceUnavailable, "given up")
	if s.graph != nil || len(s.computing)+len(s.busy) != 0 {
		t.Error("what was given up is kept, or goes on")
	}
	mustHaveAllBack(t, &s.desk)
	mustAnswer(t, s, "POST", "/api/classify", []byte(twoLabels))
	l := answers.Labels{Of: slices.Repeat([]int{-1}, indexItems), Classes: []string{"x", "y"}}
	l.Of[0], l.Of[1] = 0, 1
	s.room = func() memory.Room {
		return memory.Room{Bytes: memory.Held(l.Memory(s.x.Dim())), By: "this machine"}
	}
	mustRefuse(t, "no room", example(s, route{pattern: "POST /api/classify"}, nil), http.StatusServiceUnavailable, "this machine allows")
}
