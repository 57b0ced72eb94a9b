package reproduce

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/reproduce/shapes"
	"github.com/sparse-manifold/smt/vectors"
)

// The study is run once, kept, and not run again until its settings are others; an error is that of the study.
func TestVectorsAreKept(t *testing.T) {
	before := shapesRun
	defer func() { shapesRun = before }()
	runs := 0
	shapesRun = func(_ context.Context, quick bool, _ func(string, ...any)) ([]shapes.Set, string, error) {
		runs++
		if !quick {
			return nil, "", errors.New("no peers")
		}
		peer := shapes.Method{Name: "peer", Seconds: 2, Preserved: vectors.Preserved{Trust: 0.5, Continuity: 0.25}}
		return []shapes.Set{{Name: "ring", Points: 9, Dims: 2, Methods: []shapes.Method{{Name: "smt", Seconds: 1}, peer}}}, "a fake", nil
	}
	opt := Options{Rows: []string{"vectors"}, Out: filepath.Join(t.TempDir(), "out"), Quick: true}
	for range 2 {
		p, err := Run(t.Context(), opt)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		p.Text(&b)
		for _, want := range []string{"Quick results", "ring", "peer\t0.5000\t0.2500\t2.00 s", "peers: a fake"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%q is not in\n%s", want, b.String())
			}
		}
	}
	if runs != 1 {
		t.Errorf("%d runs, want 1 of two", runs)
	}
	opt.Quick, opt.Out = false, opt.Out+"-full"
	if _, err := Run(t.Context(), opt); err == nil || !strings.Contains(err.Error(), "row vectors: no peers") {
		t.Errorf("error %v", err)
	}
}
