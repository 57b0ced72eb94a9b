package dataset

import (
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/shuffle"
)

func ids(src Source) []string {
	var all []string
	for i := range src.Len() {
		all = append(all, src.ID(i))
	}
	return all
}

func wantIDs(t testing.TB, src Source, want ...string) {
	t.Helper()
	if got := ids(src); !slices.Equal(got, want) {
		t.Errorf("ids %q, want %q", got, want)
	}
}

// A folder's images have their paths inside the folder that was opened, whatever was made
// of the folders on the way, and however the folder was named.
func TestIDsOfFolders(t *testing.T) {
	png := encode(t, "png", grayOf("ab", "cd"))
	dir := t.TempDir()
	for _, name := range []string{"splits/train/ant/1.png", "splits/train/bee/deep/#2 ü.png", "splits/val/ant/1.png", "flat/1.png", "flat/2.png"} {
		write(t, dir, name, png)
	}
	set := mustOpen(t, filepath.Join(dir, "splits"), Options{})
	wantIDs(t, set.Train, "train/ant/1.png", "train/bee/deep/#2 ü.png")
	wantIDs(t, set.Test, "val/ant/1.png")
	wantIDs(t, mustOpen(t, filepath.Join(dir, "flat")+string(filepath.Separator), Options{}).Train, "1.png", "2.png")

	around := t.TempDir()
	write(t, around, "outer/inner/a/1.png", png)
	write(t, around, "outer/inner/b/1.png", png)
	wantIDs(t, mustOpen(t, around, Options{}).Train, "outer/inner/a/1.png", "outer/inner/b/1.png")
	t.Chdir(around)
	wantIDs(t, mustOpen(t, ".", Options{}).Train, "outer/inner/a/1.png", "outer/inner/b/1.png")
	wantIDs(t, mustOpen(t, "outer", Options{}).Train, "inner/a/1.png", "inner/b/1.png")

	// A link is called by its own name: what it leads to may lie anywhere.
	file := write(t, t.TempDir(), "elsewhere.png", encode(t, "png", uniform(2, 2, color.Gray{7})))
	linked := t.TempDir()
	if err := os.Symlink(file, filepath.Join(linked, "here.png")); err != nil {
		t.Skip("no symbolic links:", err)
	}
	wantIDs(t, mustOpen(t, linked, Options{}).Train, "here.png")
}

// Images in a file of many are told by their number in it, in each file from 0.
func TestIDsOfFiles(t *testing.T) {
	dir := writeCIFAR10(t)
	set := mustOpen(t, dir, Options{})
	want := []string{}
	for _, name := range cifar10.train {
		want = append(want, name+"#0", name+"#1")
	}
	wantIDs(t, set.Train, want...)
	wantIDs(t, set.Test, "test_batch.bin#0", "test_batch.bin#1")
	wantIDs(t, mustOpen(t, filepath.Join(dir, "data_batch_3.bin"), Options{}).Train, "data_batch_3.bin#0", "data_batch_3.bin#1")

	digits := t.TempDir()
	values := []byte("abcdef")
	write(t, digits, "train-images-idx3-ubyte", idxFile(values, 3, 1, 2))
	write(t, digits, "train-labels-idx1-ubyte", idxFile([]byte{0, 1, 0}, 3))
	write(t, digits, "t10k-images-idx3-ubyte.gz", packed(idxFile(values[:4], 2, 1, 2)))
	write(t, digits, "t10k-labels-idx1-ubyte", idxFile([]byte{0, 1}, 2))
	set = mustOpen(t, digits, Options{})
	wantIDs(t, set.Train, "train-images-idx3-ubyte#0", "train-images-idx3-ubyte#1", "train-images-idx3-ubyte#2")
	wantIDs(t, set.Test, "t10k-images-idx3-ubyte.gz#0", "t10k-images-idx3-ubyte.gz#1")
	wantIDs(t, count(t, 2), "count#0", "count#1")
	wantIDs(t, Single(Shape{1, 1, 1}, []uint8{0}), "0")
}

// A view calls an image what its source calls it.
func TestIDsOfViews(t *testing.T) {
	dir := writeCIFAR10(t)
	rapid.Check(t, func(rt *rapid.T) {
		set, err := Open(dir, Options{})
		if err != nil {
			rt.Fatal(err)
		}
		defer set.Close()
		view, want := set.Train, ids(set.Train)
		for range rapid.IntRange(1, 5).Draw(rt, "views") {
			n := view.Len()
			switch rapid.SampledFrom([]string{"slice", "pick", "held", "rest", "gray", "repeat"}).Draw(rt, "view") {
			case "slice":
				lo := rapid.IntRange(0, n).Draw(rt, "lo")
				hi := rapid.IntRange(lo, n).Draw(rt, "hi")
				view, want = Slice(view, lo, hi), want[lo:hi]
			case "pick":
				if n == 0 {
					continue
				}
				chosen := rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 9).Draw(rt, "chosen")
				var of []string
				for _, i := range chosen {
					of = append(of, want[i])
				}
				view, want = Pick(view, chosen), of
			case "held", "rest":
				held := rapid.IntRange(0, n).Draw(rt, "held")
				rest, out := Holdout(view, held, 5)
				chosen := shuffle.Sample(n, held, 5)
				var of, others []string
				for i, id := range want {
					if slices.Contains(chosen, i) {
						of = append(of, id)
					} else {
						others = append(others, id)
					}
				}
				if rapid.Bool().Draw(rt, "the rest") {
					view, want = rest, others
				} else {
					view, want = out, of
				}
			case "gray":
				view = Gray(view)
			case "repeat":
				view = Repeat(view)
			}
		}
		if got := ids(view); !slices.Equal(got, want) {
			rt.Fatalf("ids %q, want %q", got, want)
		}
	})
}
