package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDataInfo(t *testing.T) {
	data := idxData(t, 40, 8)
	i := mustJSON(t, []string{"format", "path", "train", "test", "height", "width", "channels", "classes", "mean", "std"}, "data", "info", data)
	if i["format"] != "idx" || i["train"] != 40.0 || i["test"] != 8.0 || i["height"] != float64(side) || i["channels"] != 1.0 {
		t.Errorf("data info reports %v", i)
	}
	out := must(t, "data", "info", pngData(t, 8))
	for _, says := range []string{"folder", "8, 2 of each class", "none", "14×14×3", "4: class0, class1, class2, class3", "mean", "standard deviation"} {
		if !strings.Contains(out, says) {
			t.Errorf("data info does not say %q:\n%s", says, out)
		}
	}
}

// mirror serves the files of a folder and nothing else.
func mirror(t *testing.T, dir string) string {
	t.Helper()
	s := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(s.Close)
	return s.URL
}

// The checksums are the published ones, so only published bytes come through.
func TestDataGet(t *testing.T) {
	const shared = "../../../shared/data/mnist"
	if _, err := os.Stat(shared); err != nil {
		t.Skip("no copy of MNIST here:", err)
	}
	dir := t.TempDir()
	r := mustJSON(t, []string{"name", "path"}, "data", "get", "mnist", "--dir", dir, "--url", mirror(t, shared))
	if r["path"] != filepath.Join(dir, "mnist") {
		t.Errorf("the path is %v, want the folder mnist in %s", r["path"], dir)
	}
	i := mustJSON(t, nil, "data", "info", filepath.Join(dir, "mnist"))
	if i["train"] != 60000.0 || i["test"] != 10000.0 {
		t.Errorf("data info reports %v", i)
	}
}

func TestDataGetFails(t *testing.T) {
	url := mirror(t, t.TempDir())
	for _, name := range []string{"mnist", "fashion-mnist", "cifar10", "cifar100", "text8"} {
		mustFail(t, exitFailure, []string{name, url, "404"}, "data", "get", name, "--dir", t.TempDir(), "--url", url, "--json")
	}
	bad := t.TempDir()
	write(t, filepath.Join(bad, "train-images-idx3-ubyte.gz"), []byte("not the published bytes"))
	mustFail(t, exitFailure, []string{"fashion-mnist", "train-images-idx3-ubyte.gz"}, "data", "get", "fashion-mnist", "--dir", t.TempDir(), "--url", mirror(t, bad))
}

// What is there already is kept: no request is made.
func TestDataGetKeeps(t *testing.T) {
	dir := t.TempDir()
	batches := []string{"test_batch"}
	for i := range 5 {
		batches = append(batches, fmt.Sprintf("data_batch_%d", i+1))
	}
	folder := filepath.Join(dir, "cifar-10-batches-bin")
	write(t, filepath.Join(folder, "batches.meta.txt"), []byte("airplane\n"))
	for _, b := range batches { // of the right size, and of holes
		path := filepath.Join(folder, b+".bin")
		write(t, path, nil)
		if err := os.Truncate(path, 10000*3073); err != nil {
			t.Fatal(err)
		}
	}
	out := must(t, "data", "get", "cifar10", "--dir", dir, "--url", mirror(t, t.TempDir()))
	if !strings.Contains(out, folder) {
		t.Errorf("data get prints\n%s", out)
	}
}
