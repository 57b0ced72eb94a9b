package export_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/sparse-manifold/smt/export"
)

// Two embeddings of three dimensions, written as they are computed.
func ExampleNPY() {
	var file bytes.Buffer
	a, err := export.NewNPY[float32](&file, 2, 3)
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range [][]float32{{1, 2, 3}, {4, 5, 6}} {
		if err := a.Append(row); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(a.Close(), file.Len(), "bytes")
	// Output: <nil> 152 bytes
}
