package probe_test

import (
	"context"
	"fmt"
	"log"

	"github.com/sparse-manifold/smt/judge/probe"
)

func Example() {
	embeddings := [][]float32{{1, 0, 0.1}, {0.9, 0.1, 0}, {0, 1, 0.1}, {0.1, 0.9, 0}}
	classes := []int{0, 0, 1, 1}
	trainer, err := probe.New(len(embeddings), 3, 2)
	if err != nil {
		log.Fatal(err)
	}
	for i, x := range embeddings {
		trainer.Set(i, x, classes[i])
	}
	// Four rows are too few to hold some out: the strength is given.
	c, err := trainer.Train(context.Background(), probe.Options{Strengths: []float64{0.01}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Rank([]float32{0.7, 0.2, 0}))
	fmt.Println(c.Rank([]float32{0.2, 0.7, 0}))
	// Output:
	// [0 1]
	// [1 0]
}
