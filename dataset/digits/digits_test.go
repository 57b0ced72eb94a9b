package digits_test

import (
	"context"
	"fmt"
	"log"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/digits"
)

func TestOpen(t *testing.T) {
	set, err := digits.Open()
	if err != nil {
		t.Fatal(err)
	}
	if set.Train.Len() != 8000 || set.Test.Len() != 2000 || set.Train.Shape() != (dataset.Shape{Height: 28, Width: 28, Channels: 1}) {
		t.Fatalf("%d and %d images of %v", set.Train.Len(), set.Test.Len(), set.Train.Shape())
	}
	// The class counts that are known of the MNIST test images.
	want := [10]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}
	var got [10]int
	for _, src := range []dataset.Source{set.Train, set.Test} {
		for i := range src.Len() {
			got[src.Label(i)]++
		}
	}
	if got != want {
		t.Errorf("images of each class %v, want %v", got, want)
	}
}

func ExampleOpen() {
	set, err := digits.Open()
	if err != nil {
		log.Fatal(err)
	}
	info, err := set.Info(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Train, info.Test, info.Classes)
	fmt.Printf("mean %.2f\n", info.Mean[0])
	// Output:
	// 8000 2000 [0 1 2 3 4 5 6 7 8 9]
	// mean 33.17
}
