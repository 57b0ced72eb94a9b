package export_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/sparse-manifold/smt/export"
)

// Two embeddings of three dimensions, written as they are computed.
func ExampleNPY() {
	dir, err := os.MkdirTemp("", "export")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	w, err := export.NewNPY[float32](filepath.Join(dir, "embeddings.npy"), 2, 3)
	if err != nil {
		log.Fatal(err)
	}
	defer w.Abort()
	for _, row := range [][]float32{{1, 2, 3}, {4, 5, 6}} {
		if err := w.Append(row); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(w.Close())
	// Output: <nil>
}
