package dataset_test

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"github.com/sparse-manifold/smt/dataset"
)

// pictures makes a folder with an image of 4×2 pixels in each of two classes.
func pictures() string {
	dir, err := os.MkdirTemp("", "pictures")
	if err != nil {
		log.Fatal(err)
	}
	for class, c := range map[string]color.Color{"leaf": color.NRGBA{0, 160, 40, 255}, "snow": color.White} {
		img := image.NewNRGBA(image.Rect(0, 0, 4, 2))
		for i := range 8 {
			img.Set(i%4, i/4, c)
		}
		if err := os.Mkdir(filepath.Join(dir, class), 0o755); err != nil {
			log.Fatal(err)
		}
		f, err := os.Create(filepath.Join(dir, class, "1.png"))
		if err != nil {
			log.Fatal(err)
		}
		if err := png.Encode(f, img); err != nil {
			log.Fatal(err)
		}
		if err := f.Close(); err != nil {
			log.Fatal(err)
		}
	}
	return dir
}

func ExampleOpen() {
	dir := pictures()
	defer os.RemoveAll(dir)

	set, err := dataset.Open(dir, dataset.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer set.Close()

	fmt.Println(set.Format, set.Train.Len(), set.Train.Shape(), set.Train.Classes())
	pix := make([]uint8, set.Train.Shape().Len())
	if err := set.Train.Image(0, pix); err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Train.Classes()[set.Train.Label(0)], pix[:3])
	// Output:
	// folder 2 2×4×3 [leaf snow]
	// leaf [0 160 40]
}

// A folder is brought to the shape asked for, here a gray square.
func ExampleOpen_shape() {
	dir := pictures()
	defer os.RemoveAll(dir)

	set, err := dataset.Open(dir, dataset.Options{
		Format: "folder",
		Shape:  dataset.Shape{Height: 2, Width: 2, Channels: 1},
	})
	if err != nil {
		log.Fatal(err)
	}
	pix := make([]uint8, set.Train.Shape().Len())
	if err := set.Train.Image(1, pix); err != nil {
		log.Fatal(err)
	}
	fmt.Println(pix)
	// Output: [255 255 255 255]
}

func ExampleFromImage() {
	img := image.NewGray(image.Rect(0, 0, 2, 1))
	img.SetGray(1, 0, color.Gray{Y: 200})
	fmt.Println(dataset.FromImage(img, dataset.Shape{Height: 1, Width: 2, Channels: 3}))
	// Output: [0 0 0 200 200 200]
}
