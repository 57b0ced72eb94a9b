package smt

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
)

// BenchmarkLoad reads a model again and again. It is small, unless SMT_TEST_DIMS says of how many
// coordinates a model of 65,536 atoms is to be: of 6,000 it has 1.6 GB.
func BenchmarkLoad(b *testing.B) {
	cfg := config()
	cfg.Patch, cfg.Atoms, cfg.Dims = 6, 1024, 100
	if text := os.Getenv("SMT_TEST_DIMS"); text != "" {
		dims, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		cfg.Atoms, cfg.Dims = 1<<16, dims
	}
	path := filepath.Join(b.TempDir(), "m")
	if err := random(rand.New(rand.NewPCG(1, 1)), cfg, dataset.Shape{Height: 32, Width: 32, Channels: 3}).Save(path); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC() // of the model that was written
	b.SetBytes(info.Size())
	for b.Loop() {
		if _, err := Load(path); err != nil {
			b.Fatal(err)
		}
	}
}
