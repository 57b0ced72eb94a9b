// Package digits holds 10,000 handwritten digits in the program, so that the
// method can be tried without downloading anything.
//
// They are the test images of MNIST by Yann LeCun, Corinna Cortes and Christopher
// J. C. Burges, unchanged, and under terms of their own: the Creative Commons
// Attribution-ShareAlike 3.0 licence (CC BY-SA 3.0). Importing the package adds
// 1.7 MB to a program.
package digits

import (
	_ "embed"

	"github.com/sparse-manifold/smt/dataset"
)

var (
	//go:embed t10k-images-idx3-ubyte.gz
	images []byte
	//go:embed t10k-labels-idx1-ubyte.gz
	labels []byte
)

// trained is how many of the images are for training.
const trained = 8_000

// Open is the digits, 28×28×1 with classes "0" to "9": the first 8,000 images
// for training and the other 2,000 for testing. Numbers measured with this split
// are not those of MNIST, whose training images are not here.
func Open() (*dataset.Set, error) {
	src, err := dataset.IDX(images, labels, "digits")
	if err != nil {
		return nil, err
	}
	return &dataset.Set{
		Format: "idx",
		Path:   "digits",
		Train:  dataset.Slice(src, 0, trained),
		Test:   dataset.Slice(src, trained, src.Len()),
	}, nil
}
