package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image"
	_ "image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/output"
)

// indexOf makes an index of images by a small model.
func indexOf(t testing.TB, data string, flags ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "all.index")
	must(t, append([]string{"index", fitSmall(t, data), data, "-o", path, "--quiet"}, flags...)...)
	return path
}

// An index has every image of a folder by its path, its class, its size and a picture of it.
func TestIndex(t *testing.T) {
	data := pngData(t, 30)
	path := filepath.Join(t.TempDir(), "all.index")
	got := mustJSON(t, []string{"index", "items", "added", "dim", "classes", "bytes", "seconds", "peak_rss_bytes"}, "index", fitSmall(t, data), data, "-o", path)
	wantJSON(t, "index", got, map[string]any{"items": 30.0, "classes": 4.0})
	x, err := index.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	for i := range x.Len() {
		item, err := x.Item(i)
		if err != nil || !exists(filepath.Join(data, filepath.FromSlash(item.ID))) || item.Label != filepath.Dir(item.ID) || item.Width != side || item.Height != side {
			t.Errorf("item %d is %v: %v", i, item, err)
		}
		b, err := x.Thumbnail(i)
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := image.Decode(bytes.NewReader(b))
		if err != nil || img.Bounds().Dx() != side {
			t.Errorf("the thumbnail of item %d: %v", i, err)
		}
	}
	wantText(t, "check", must(t, "index", "check", path, "--quiet"), "30 images", "they agree")
}

// Images are appended to an index, once each.
func TestIndexAppend(t *testing.T) {
	gray := idxData(t, 40, 20)
	model, path := fitSmall(t, gray), filepath.Join(t.TempDir(), "all.index")
	must(t, "index", model, gray, "-o", path, "--split", "train", "--quiet")
	wantText(t, "append", must(t, "index", model, gray, "-o", path, "--split", "test", "--append", "--quiet"), "60 images", "20 images")
	before := read(t, path)
	mustFail(t, exitFailure, []string{"has \"t10k-images-idx3-ubyte#0\" already", "19 more"}, "index", model, gray, "-o", path, "--split", "test", "--append")
	mustFail(t, exitFailure, []string{"another model"}, "index", fitSmall(t, gray, "--atoms", "60"), gray, "-o", path, "--append")
	mustFail(t, exitUsage, []string{"not there"}, "index", model, gray, "-o", path+"2", "--append")
	mustFail(t, exitFailure, []string{"first line"}, "index", model, gray, "-o", filepath.Join(pngData(t, 1), "class0", "0000.png"), "--append")
	if !bytes.Equal(read(t, path), before) {
		t.Error("a refused append changed the index")
	}
	whole := filepath.Join(t.TempDir(), "whole.index")
	must(t, "index", model, gray, "-o", whole, "--quiet")
	if a, b := searched(t, path, "train-images-idx3-ubyte#7"), searched(t, whole, "train-images-idx3-ubyte#7"); a != b {
		t.Errorf("an index that was appended to finds\n%s, one made at once\n%s", a, b)
	}
}

// searched is the table of what is found for an image.
func searched(t testing.TB, path, image string) string {
	t.Helper()
	return must(t, "search", path, image, "--csv", "-", "--quiet")
}

// An index that was stopped goes on from its images, created or appended to, and is the same then.
func TestIndexGoesOn(t *testing.T) {
	gray := idxData(t, 3*block+20, block+30)
	model := fitSmall(t, gray)
	whole := filepath.Join(t.TempDir(), "whole.index")
	must(t, "index", model, gray, "-o", whole, "--quiet")
	want := searched(t, whole, "t10k-images-idx3-ubyte#3")
	for name, appended := range map[string]bool{"created": false, "appended": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "all.index")
			args := []string{"index", model, gray, "-o", path}
			line, kept, left := "embedding: 384 of 596", "384 images", []string{"all.index" + output.Partial}
			if appended {
				must(t, "index", model, gray, "-o", path, "--split", "train", "--quiet")
				args = append(args, "--split", "test", "--append")
				line, kept, left = "embedding: 192 of 222", "192 images", []string{"all.index"}
			}
			o := stopped(t, line, args...)
			o.wantFailure(t, exitFailure, "interrupted", "same command goes on from the "+kept)
			if got := names(t, dir); !slices.Equal(got, left) {
				t.Errorf("files are %s", got)
			}
			if appended {
				wantText(t, "check", must(t, "index", "check", path, "--quiet"), "596 images")
			}
			o = watch(t, args...)
			if o.code != 0 || !strings.Contains(o.stderr, "going on from the "+kept) {
				t.Errorf("exit code %d\n%s", o.code, o.stderr)
			}
			if got := searched(t, path, "t10k-images-idx3-ubyte#3"); got != want {
				t.Errorf("found\n%s\nwant\n%s", got, want)
			}
			if got := names(t, dir); !slices.Equal(got, []string{"all.index"}) {
				t.Errorf("files are %s", got)
			}
		})
	}
}

// Work on images that have changed since begins anew, and says which has.
func TestIndexOfChangedImages(t *testing.T) {
	data := pngData(t, 2*block+10)
	model, path := fitSmall(t, data), filepath.Join(t.TempDir(), "all.index")
	args := []string{"index", model, data, "-o", path}
	stopped(t, "embedding: 192 of 394", args...).wantFailure(t, exitFailure, "same command goes on")
	first := filepath.Join(data, "class0", "0000.png")
	write(t, first, read(t, filepath.Join(data, "class0", "0004.png")))
	o := watch(t, args...)
	if o.code != 0 || !strings.Contains(o.stderr, "not going on") || !strings.Contains(o.stderr, "class0/0000.png has changed") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	wantText(t, "check", must(t, "index", "check", path, "--quiet"), "394 images")
	stopped(t, "embedding: 192 of 394", append(args[:3:3], "-o", path+"2")...).wantFailure(t, exitFailure, "same command goes on")
	if err := os.Remove(first); err != nil {
		t.Fatal(err)
	}
	mustFail(t, exitFailure, []string{"other images than those", "remove it to begin anew"}, "index", model, data, "-o", path+"2")
}

// A search finds the image itself by its file, its flip too, and others by a name of the index.
func TestSearch(t *testing.T) {
	data := pngData(t, 60)
	path := indexOf(t, data)
	file := filepath.Join(data, "class1", "0005.png")
	got := mustJSON(t, []string{"index", "items", "queries", "search_seconds"}, "search", path, file, "-k", "3")
	query := got["queries"].([]any)[0].(map[string]any)
	near := query["neighbours"].([]any)
	if len(near) != 3 {
		t.Fatalf("%d neighbours", len(near))
	}
	wantJSON(t, "the nearest", near[0].(map[string]any), map[string]any{"id": "class1/0005.png", "label": "class1", "flip": false})
	if cos := near[0].(map[string]any)["cosine"].(float64); cos < 0.999 {
		t.Errorf("the image itself has the cosine %v", cos)
	}
	wantText(t, "search", must(t, "search", path, file, "--crop", "0,0,14,14", "-k", "1"), "class1/0005.png, class1", "1 neighbour of 60")
	table, err := csv.NewReader(strings.NewReader(searched(t, path, "class2/0006.png"))).ReadAll()
	if err != nil || len(table) != 11 {
		t.Fatalf("%d rows: %v", len(table), err)
	}
	for _, row := range table[1:] {
		if row[2] == "class2/0006.png" {
			t.Error("an image of the index is its own neighbour")
		}
	}
}

// The page of a search has all pictures in it, and asks for nothing else.
func TestSearchPage(t *testing.T) {
	data := pngData(t, 20)
	path, page := indexOf(t, data), filepath.Join(t.TempDir(), "found.html")
	must(t, "search", path, filepath.Join(data, "class1", "0005.png"), "class2/0006.png", "-k", "4", "--html", page)
	text := string(read(t, page))
	if n := strings.Count(text, `src="data:image/png;base64,`); n != 2*(1+4) {
		t.Errorf("%d pictures", n)
	}
	for _, no := range []string{"http:", "https:", "ZgotmplZ", "<script"} {
		if strings.Contains(text, no) {
			t.Errorf("the page has %s", no)
		}
	}
	wantText(t, "the page", text, "class2/0006.png", "cosine 1.000")
}

func TestSearchRefuses(t *testing.T) {
	data := pngData(t, 20)
	path := indexOf(t, data)
	file := filepath.Join(data, "class1", "0005.png")
	mustFail(t, exitUsage, []string{"-k is 0"}, "search", path, file, "-k", "0")
	mustFail(t, exitUsage, []string{"--crop", "want x,y,width,height"}, "search", path, file, "--crop", "1,2,3")
	mustFail(t, exitUsage, []string{"--crop is 10,10,9,4", fmt.Sprintf("%d × %d pixels", side, side)}, "search", path, file, "--crop", "10,10,9,4")
	mustFail(t, exitUsage, []string{"--crop is of a file"}, "search", path, "class1/0005.png", "--crop", "0,0,4,4")
	mustFail(t, exitFailure, []string{"none.png", "no such file", "no image of that name"}, "search", path, "none.png")
	mustFail(t, exitFailure, []string{"first line says so"}, "search", file, file)
	mustFail(t, exitUsage, []string{"--html is -"}, "search", path, file, "--html", "-")
	b := read(t, path)
	b[len(b)/2] ^= 1
	changed := filepath.Join(t.TempDir(), "changed.index")
	write(t, changed, b)
	mustFail(t, exitFailure, []string{changed}, "index", "check", changed)
}

// Files of a folder that cannot be read are an error that has all of them, or are left out and listed.
func TestIndexSkipsBadFiles(t *testing.T) {
	data := pngData(t, 20)
	model, path := fitSmall(t, data), filepath.Join(t.TempDir(), "all.index")
	for _, name := range []string{"0001.png", "0005.png"} {
		file := filepath.Join(data, "class1", name)
		write(t, file, read(t, file)[:60])
	}
	mustFail(t, exitFailure, []string{"class1/0001.png", "class1/0005.png", "--skip-bad=2"}, "index", model, data, "-o", path)
	got := mustJSON(t, []string{"bad"}, "index", model, data, "-o", path, "--skip-bad=2")
	wantJSON(t, "index", got, map[string]any{"items": 18.0})
	if len(got["bad"].([]any)) != 2 || !exists(path+badSuffix) {
		t.Errorf("left out are %v", got["bad"])
	}
}

// A folder's thumbnails are of the files as they are seen, not of the size that a model takes, and have their aspect.
func TestThumbnailsHaveTheirAspect(t *testing.T) {
	data := pngData(t, 8)
	model := fitSmall(t, data)
	img := image.NewGray(image.Rect(0, 0, 400, 100))
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(data, "class0", "wide.png"), b.Bytes())
	path := filepath.Join(t.TempDir(), "all.index")
	must(t, "index", model, data, "-o", path, "--quiet")
	x, err := index.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	for i := range x.Len() {
		item, err := x.Item(i)
		if err != nil || item.ID != "class0/wide.png" {
			continue
		}
		thumb, err := x.Thumbnail(i)
		if err != nil {
			t.Fatal(err)
		}
		size, _, err := image.DecodeConfig(bytes.NewReader(thumb))
		if err != nil || size.Width != 96 || size.Height != 24 || item.Width != 400 || item.Height != 100 {
			t.Errorf("%v has a thumbnail of %d × %d: %v", item, size.Width, size.Height, err)
		}
		return
	}
	t.Error("class0/wide.png is not in the index")
}
