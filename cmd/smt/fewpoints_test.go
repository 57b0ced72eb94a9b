package main

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// TestFewPoints fits the fewest points that there may be with no flags: atoms and active ones are as many as suit them.
func TestFewPoints(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	for _, n := range []int{16, 20, 25, 26} {
		var x []float32
		for range 2 * n {
			x = append(x, rng.Float32())
		}
		points := npyFile(t, filepath.Join(dir, "points.npy"), x, 2)
		model := filepath.Join(dir, "m")
		text := must(t, "fit", points, "-o", model)
		active := map[int]string{16: ", 7 active", 20: ", 9 active", 25: ", 11 active", 26: ", 12 active"}[n]
		if !strings.Contains(text, active) {
			t.Errorf("%d points: %q is not in %s", n, active, text)
		}
		must(t, "info", model)
		if n == 16 {
			mustFail(t, exitFailure, []string{"12 active atoms of 8: want fewer (--active)"}, "fit", points, "-o", model, "--active", "12")
		}
	}
}
