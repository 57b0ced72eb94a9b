package server

import (
	"bytes"
	"encoding/json"
	"image/png"
	"io"
	"math"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain/draw"
)

// Of a model that straightens images the page shows them straightened: those of the bank, those to choose from and uploads.
func TestStraightenedImagesAreShown(t *testing.T) {
	m, images := fitted()
	cfg := m.Config()
	cfg.Deskew = true
	m, err := smt.Fit(t.Context(), images.Bank, cfg)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(m, chosen(images), Options{MapAtoms: 60})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	answer := func(method, path string, body io.Reader) []byte {
		r := httptest.NewRequest(method, path, body)
		r.Host = "127.0.0.1:8080"
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		return w.Body.Bytes()
	}
	shows := func(id string, raw []uint8) {
		t.Helper()
		for _, kind := range []string{"pixels", "picture"} {
			im, err := png.Decode(bytes.NewReader(answer("GET", "/api/images/"+id+"/"+kind+".png", nil)))
			if err != nil {
				t.Fatal(err)
			}
			if want := dataset.Straighten(raw, s.shape); !bytes.Equal(dataset.FromImage(im, s.shape), want) || bytes.Equal(raw, want) {
				t.Errorf("%s of %s is not the straightened image", kind, id)
			}
		}
	}
	shows("test-3", imageOf(t, images.Test, 3).Pix)
	raw := imageOf(t, images.Bank, 9)
	shows("bank-9", raw.Pix)
	var v imageAnswer
	if err := json.Unmarshal(answer("POST", "/api/images", bytes.NewReader(draw.PNG(draw.Photo(raw)))), &v); err != nil {
		t.Fatal(err)
	}
	shows(v.ID, raw.Pix)
	var found searchAnswer
	if err := json.Unmarshal(answer("GET", "/api/images/"+v.ID+"/neighbours", nil), &found); err != nil {
		t.Fatal(err)
	}
	if n := found.Neighbours[0]; n.ID != "bank-9" || math.Abs(n.Cosine-1) > 1e-5 {
		t.Errorf("an image of the bank, uploaded, finds %+v", n)
	}
	if model := string(answer("GET", "/api/model", nil)); !strings.Contains(model, `"deskew":true`) {
		t.Errorf("the model is described as %s", model)
	}
}
