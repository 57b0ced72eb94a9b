package server

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/memory"
)

// bankFile is image i of the bank, as a file of a form.
func bankFile(t *testing.T, field string, i int) formPart {
	_, images := fitted()
	return formPart{field, "album/" + inFolder(0).ID(i), draw.PNG(draw.Photo(imageOf(t, images.Bank, i)))}
}

// Two images that are uploaded are split as package explain splits them, in JSON and in pictures.
func TestCompareUploads(t *testing.T) {
	m, images := fitted()
	a, b := imageOf(t, images.Bank, 3), imageOf(t, images.Bank, 8)
	a.ID, b.ID = "3.png", "8.png" // the last part of the name of a file is all that is taken
	c, err := explain.Compare(t.Context(), m, a, b)
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	files := []formPart{bankFile(t, "b", 8), bankFile(t, "a", 3)}
	if w := sendForm(indexed(), "/api/compare", files...); w.Code != http.StatusOK || w.Body.String() != string(want) {
		t.Errorf("%d %.400s\nwant %.400s", w.Code, w.Body, want)
	}
	p, err := draw.PairOf(m, c)
	if err != nil {
		t.Fatal(err)
	}
	w := sendForm(indexed(), "/api/compare.png", files...)
	if _, err := png.Decode(bytes.NewReader(w.Body.Bytes())); err != nil || !bytes.Equal(w.Body.Bytes(), draw.PNG(p.Raster())) {
		t.Errorf("the picture in pixels: %d, %v", w.Code, err)
	}
	w = sendForm(indexed(), "/api/compare.svg", files...)
	if w.Header().Get("Content-Type") != "image/svg+xml" || !bytes.Equal(w.Body.Bytes(), p.Chart().File()) || !strings.Contains(w.Body.String(), "8.png") {
		t.Errorf("the drawing: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
	for d := xml.NewDecoder(w.Body); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	mustHaveAllBack(t, &indexed().desk)
}

// Of an index of two models one is named.
func TestCompareByOneOfTwo(t *testing.T) {
	m, _ := fitted()
	two, err := smt.NewEnsemble(smt.Member{Name: "colour", Model: m, Weight: 1}, smt.Member{Name: "gray", Model: m, Weight: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := NewIndex(indexOf(2), Options{})
	s.models = two
	files := []formPart{bankFile(t, "a", 3), bankFile(t, "b", 8)}
	for _, query := range []string{"", "?model=red"} {
		mustRefuse(t, query, sendForm(s, "/api/compare"+query, files...), http.StatusBadRequest, "want one of those of the index: colour, gray")
	}
	if w := sendForm(s, "/api/compare?model=gray", files...); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestCompareRefuses(t *testing.T) {
	a, b := bankFile(t, "a", 3), bankFile(t, "b", 8)
	half := formPart{"b", "b.png", b.content[:len(b.content)/2]}
	for _, c := range []struct {
		says   string
		status int
		parts  []formPart
	}{
		{`the form has no "b": want two files, as of curl -F a=@FILE -F b=@FILE`, 400, []formPart{a}},
		{`the form has no "a"`, 400, nil},
		{`the form has "a" twice`, 400, []formPart{a, a}},
		{`the form has a field "c": want two files, a and b`, 400, []formPart{a, b, {field: "c"}}},
		{`the form has a field "ab"`, 400, []formPart{{field: "ab"}}},
		{`b is "kind/9.png", and no file: the index has embeddings`, 400, []formPart{a, {field: "b", content: []byte("kind/9.png")}}},
		{"b: no image that can be read", 415, []formPart{a, half}},
		{"b: the image has 6300×6300 pixels", 413, []formPart{a, {"b", "b.png", declaring(6300, 6300)}}},
	} {
		mustRefuse(t, c.says, sendForm(indexed(), "/api/compare", c.parts...), c.status, c.says)
	}
	r := example(indexed(), route{pattern: "POST /api/compare"}, header("Content-Type", "image/png"))
	mustRefuse(t, "no form", r, http.StatusUnsupportedMediaType, "the body is no form: want multipart/form-data, as of curl -F a=@FILE")
	r = example(indexed(), route{pattern: "POST /api/compare"}, header("Content-Type", "multipart/form-data; boundary=y"))
	mustRefuse(t, "a form of another boundary", r, http.StatusBadRequest, "part 1 of the form cannot be read")
	s := NewIndex(indexOf(2), Options{})
	s.room = func() memory.Room { return memory.Room{Bytes: 1, By: "this machine"} }
	mustRefuse(t, "no room", sendForm(s, "/api/compare", a, b), http.StatusServiceUnavailable, "comparing two images takes about")
	for _, s := range []*Index{s, indexed()} {
		if len(s.decoding)+len(s.busy) != 0 {
			t.Error("a place is still taken")
		}
		mustHaveAllBack(t, &s.desk)
	}
}
