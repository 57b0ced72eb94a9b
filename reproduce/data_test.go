package reproduce

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
)

// Images of the tests are stripes, whose direction is their class, with noise.
const (
	trainImages = 200
	testImages  = 40
)

// stripes is an image in planes, as CIFAR has it.
func stripes(r *rand.Rand, class, classes, side, channels int) []byte {
	angle := math.Pi * float64(class) / float64(classes)
	phase := 2 * math.Pi * r.Float64()
	var pix []byte
	for c := range channels {
		for y := range side {
			for x := range side {
				along := float64(x)*math.Cos(angle) + float64(y)*math.Sin(angle)
				v := 128 + 80*math.Sin(along+phase+float64(c)) + 15*r.NormFloat64()
				pix = append(pix, byte(min(max(v, 0), 255)))
			}
		}
	}
	return pix
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func cifar(r *rand.Rand, n int, header func(class int) []byte, classes int) (b []byte) {
	for i := range n {
		class := i % classes
		b = append(append(b, header(class)...), stripes(r, class, classes, 32, 3)...)
	}
	return b
}

// writeTen makes the data set of ten classes.
func writeTen(t testing.TB, dir string, r *rand.Rand, train, test int) {
	t.Helper()
	ten := func(class int) []byte { return []byte{byte(class)} }
	for i := 1; i <= 5; i++ {
		write(t, filepath.Join(dir, "cifar-10-batches-bin", fmt.Sprintf("data_batch_%d.bin", i)), cifar(r, train/5, ten, 10))
	}
	write(t, filepath.Join(dir, "cifar-10-batches-bin", "test_batch.bin"), cifar(r, test, ten, 10))
}

// writeData makes a folder of all three data sets in the formats they come in.
func writeData(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(3, 4))
	hundred := func(class int) []byte { return []byte{byte(class / 5), byte(class)} }
	writeTen(t, dir, r, trainImages, testImages)
	write(t, filepath.Join(dir, "cifar-100-binary", "train.bin"), cifar(r, trainImages, hundred, 20))
	write(t, filepath.Join(dir, "cifar-100-binary", "test.bin"), cifar(r, testImages, hundred, 20))
	for name, n := range map[string]int{"train": trainImages, "t10k": testImages} {
		images, labels := []byte{0, 0, 8, 3}, []byte{0, 0, 8, 1}
		for _, size := range []uint32{uint32(n), 28, 28} {
			images = binary.BigEndian.AppendUint32(images, size)
		}
		labels = binary.BigEndian.AppendUint32(labels, uint32(n))
		for i := range n {
			images = append(images, stripes(r, i%10, 10, 28, 1)...)
			labels = append(labels, byte(i%10))
		}
		write(t, filepath.Join(dir, "mnist", name+"-images-idx3-ubyte"), images)
		write(t, filepath.Join(dir, "mnist", name+"-labels-idx1-ubyte"), labels)
	}
	return dir
}

// tiny is a table of rows that take a moment: of all data sets, of several seeds,
// and with a member that two rows share.
func tiny() []row {
	small := func(c smt.Config) smt.Config {
		c.Atoms, c.Dims, c.Skip, c.MaxCosine, c.Sample = 64, 8, 0, 0.95, 100
		c.Images, c.Components = min(c.Images, 150), 20
		return c
	}
	digits := newMember(smt.Recipe{Config: small(preset("mnist"))}, 1)
	colour := newMember(smt.Recipe{Config: small(preset("cifar"))}, 1)
	gray := newMember(smt.Recipe{Config: small(smt.Best()[1].Config), Gray: true}, 0.5)
	return []row{
		{"digits", mnist, 0.9, 0, []member{digits}, 0.03, 0.03, 0.03, 1},
		{"one", cifar10, 0.5, 0.6, []member{colour}, 0.03, 0.04, 0.05, 2},
		{"two", cifar10, 0, 0, []member{colour, gray}, 0.05, 0.06, 0.05, 1},
		{"hundred", cifar100, 0.5, 0, []member{colour, gray}, 0.03, 0.05, 0.03, 1},
	}
}

func TestMissingData(t *testing.T) {
	data := writeData(t)
	if err := os.RemoveAll(filepath.Join(data, "cifar-100-binary")); err != nil {
		t.Fatal(err)
	}
	_, err := run(t.Context(), Options{Data: data, Out: t.TempDir()}, tiny())
	wantError(t, err, filepath.Join(data, "cifar-100-binary"), "smt data get cifar100 --dir "+data)
	if err := os.Remove(filepath.Join(data, "mnist", "t10k-images-idx3-ubyte")); err != nil {
		t.Fatal(err)
	}
	_, err = run(t.Context(), Options{Data: data, Out: t.TempDir(), Rows: []string{"digits"}}, tiny())
	wantError(t, err, filepath.Join(data, "mnist"))
}

func wantError(t testing.TB, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", says)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("error %q does not say %q", err, s)
		}
	}
}
