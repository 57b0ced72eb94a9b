package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
)

const indexItems = 60

// inFolder is so many images, by the names of items in a folder.
type inFolder int

func (n inFolder) Len() int        { return int(n) }
func (n inFolder) ID(i int) string { return fmt.Sprintf("kind/%d.png", i) }

// indexOf is an index of the first n images of the bank of fitted. Its thumbnails are the images.
func indexOf(n int) *index.Index {
	m, images := fitted()
	models, err := smt.NewEnsemble(smt.Member{Name: "m", Model: m, Weight: 1})
	must(err)
	set, err := models.Embeddings(dataset.Slice(images.Bank, 0, n))
	must(err)
	dir, err := os.MkdirTemp("", "index")
	must(err)
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "small.index")
	w, err := index.Create(path, index.Head{Models: models, Dim: set.Dim(), Even: set.Even(), Shape: images.Bank.Shape()}, inFolder(n))
	must(err)
	i := 0
	for block, err := range set.Blocks(context.Background(), n) {
		must(err)
		var items []index.NewItem
		for range len(block) / set.Dim() {
			im, err := explain.ImageOf(images.Bank, i)
			must(err)
			size := images.Bank.Shape()
			items = append(items, index.NewItem{Item: index.Item{ID: inFolder(n).ID(i), Label: dataset.ClassOf(images.Bank, i), Width: size.Width, Height: size.Height},
				Thumbnail: draw.PNG(draw.Photo(im)), Digest: uint64(i)})
			i++
		}
		must(w.Write(block, items))
	}
	must(w.Commit())
	file, err := os.ReadFile(path)
	must(err)
	x, err := index.OpenFrom(bytes.NewReader(file), int64(len(file)))
	must(err)
	return x
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

var indexed = sync.OnceValue(func() *Index { return NewIndex(indexOf(indexItems), Options{Name: "small.index"}) })

// mustBe wants the answer to a GET to be the JSON of a value.
func mustBe(t *testing.T, path string, want any) {
	t.Helper()
	body, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if w := askOf(indexed(), "GET", path, nil); w.Code != http.StatusOK || w.Body.String() != string(body) {
		t.Errorf("%s: %d\n%s\nwant\n%s", path, w.Code, w.Body, body)
	}
}

// What the API says of all items is what package answers says, at first and when it is kept.
func TestIndexAnswers(t *testing.T) {
	x, ctx := indexed().x, t.Context()
	g, err := graph.New(ctx, x, graph.Nearest, nil)
	if err != nil {
		t.Fatal(err)
	}
	still := func(string, int, int) {}
	for range 2 {
		for path, margin := range map[string]float64{"/api/duplicates": 0, "/api/duplicates?threshold=0.05": 0.05} {
			want, err := answers.FindDuplicates(ctx, x, g, margin, func(string, int, int) {})
			if err != nil {
				t.Fatal(err)
			}
			want.Index = "small.index"
			mustBe(t, path, want)
		}
		for path, most := range map[string]int{"/api/outliers": 20, "/api/outliers?most=1": 1} {
			want, err := answers.FindOutliers(ctx, x, g, most, still)
			if err != nil {
				t.Fatal(err)
			}
			want.Index = "small.index"
			mustBe(t, path, want)
		}
		for path, k := range map[string]int{"/api/groups": 0, "/api/groups?k=5": 5} {
			want, err := answers.FindGroups(ctx, x, g, answers.Division{K: k, Seed: answers.Seed}, still)
			if err != nil {
				t.Fatal(err)
			}
			want.Index = "small.index"
			mustBe(t, path, want)
		}
	}
}

func TestItemsOfAnIndex(t *testing.T) {
	_, images := fitted()
	size := images.Bank.Shape()
	seven := itemAnswer{"kind/7.png", dataset.ClassOf(images.Bank, 7), size.Width, size.Height}
	mustBe(t, "/api/items/kind%2F7.png", seven)
	mustBe(t, "/api/items?from=7&count=1", itemsAnswer{indexItems, []itemAnswer{seven}})
	mustBe(t, fmt.Sprintf("/api/items?from=%d", indexItems), itemsAnswer{indexItems, []itemAnswer{}})
	if w := askOf(indexed(), "GET", "/api/items/kind%2F7.png/thumbnail", nil); !bytes.Equal(w.Body.Bytes(), draw.PNG(draw.Photo(imageOf(t, images.Bank, 7)))) {
		t.Error("the thumbnail is another picture")
	}
}

// searched decodes the answer to a search for one image.
func searched(t *testing.T, method, path string, body []byte) answers.Query {
	t.Helper()
	w := askOf(indexed(), method, path, bytes.NewReader(body))
	var found answers.Search
	if err := json.Unmarshal(w.Body.Bytes(), &found); err != nil || w.Code != http.StatusOK || len(found.Queries) != 1 || found.Index != "small.index" || found.Items != indexItems {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return found.Queries[0]
}

// An image of the index that is uploaded finds itself, as part of a larger picture too, and an item finds others.
func TestSearchAnIndex(t *testing.T) {
	_, images := fitted()
	digit := draw.Photo(imageOf(t, images.Bank, 9))
	q := searched(t, "POST", "/api/search?k=3", draw.PNG(digit))
	if n := q.Neighbours; len(n) != 3 || n[0].ID != "kind/9.png" || n[0].Label != dataset.ClassOf(images.Bank, 9) || math.Abs(n[0].Cosine-1) > 1e-3 || q.Crop != nil || q.Image != "upload" {
		t.Errorf("an item that is uploaded finds %+v", q)
	}
	size := digit.Rect.Size()
	large := image.NewNRGBA(image.Rect(0, 0, 3*size.X, 2*size.Y))
	for i := range large.Pix {
		large.Pix[i] = uint8(i*37) | 0x80
	}
	for y := range size.Y {
		for x := range size.X {
			large.Set(size.X+x, 5+y, digit.At(x, y))
		}
	}
	q = searched(t, "POST", fmt.Sprintf("/api/search?crop=%d,5,%d,%d", size.X, size.X, size.Y), draw.PNG(large))
	if n := q.Neighbours; len(n) != nearK || n[0].ID != "kind/9.png" || math.Abs(n[0].Cosine-1) > 1e-3 || *q.Crop != [4]int{size.X, 5, size.X, size.Y} {
		t.Errorf("the part that it is finds %+v", q)
	}
	of := searched(t, "GET", "/api/items/kind%2F9.png/neighbours?k=59", nil)
	if len(of.Neighbours) != indexItems-1 || of.Image != "kind/9.png" || slices.ContainsFunc(of.Neighbours, func(n answers.Neighbour) bool { return n.ID == of.Image }) {
		t.Errorf("an item finds %+v", of)
	}
	if of.Neighbours[0] != q.Neighbours[1] && math.Abs(of.Neighbours[0].Cosine-q.Neighbours[1].Cosine) > 1e-3 {
		t.Errorf("an item finds %+v first, its picture %+v after it", of.Neighbours[0], q.Neighbours[1])
	}
}

func TestIndexRefuses(t *testing.T) {
	digit := string(draw.PNG(draw.Photo(testImage())))
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/", "", 405, "POST"},
		{"GET", "/map.html", "", 404, "nothing is at /map.html"},
		{"GET", "/api/model", "", 404, "nothing is at /api/model"},
		{"GET", "/api/items/none.png", "", 404, `no item "none.png"`},
		{"GET", "/api/items/none.png/thumbnail", "", 404, `no item "none.png"`},
		{"GET", "/api/items/none.png/neighbours", "", 404, `no item "none.png"`},
		{"GET", "/api/items/kind%2F1.png/neighbours?k=0", "", 400, "k is \"0\": want 1 to 100"},
		{"GET", "/api/items?from=61", "", 400, "from is \"61\": want 0 to 60"},
		{"GET", "/api/items?count=1001", "", 400, "want 1 to 1000"},
		{"GET", "/api/duplicates?threshold=0", "", 400, "threshold is \"0\": want 0.001 to 1"},
		{"GET", "/api/duplicates?threshold=NaN", "", 400, "threshold is \"NaN\""},
		{"GET", "/api/outliers?most=0", "", 400, "most is \"0\": want 1 to 10000"},
		{"GET", "/api/groups?k=1", "", 400, "k is \"1\": want 2 to 60"},
		{"GET", "/api/groups?k=61", "", 400, "k is \"61\": want 2 to 60"},
		{"POST", "/api/groups", "", 405, "POST"},
		{"GET", "/api/search", "", 404, "nothing is at /api/search"},
		{"POST", "/api/search?k=101", digit, 400, "k is \"101\": want 1 to 100"},
		{"POST", "/api/search?crop=1,1,1,1", digit, 400, "crop is \"1,1,1,1\": want x,y,width,height within"},
		{"POST", "/api/search", "no image", 415, "no image that can be read"},
		{"POST", "/api/search", "", 415, "no image that can be read"},
		{"POST", "/api/search", digit[:len(digit)/2], 415, "no image that can be read"},
		{"POST", "/api/search", strings.Repeat("x", uploadBytes+1), 413, "more than 16 MiB"},
	} {
		w := askOf(indexed(), c.method, c.path, strings.NewReader(c.body))
		mustRefuse(t, c.method+" "+c.path, w, c.status, c.says)
	}
	one := NewIndex(indexOf(1), Options{})
	for _, path := range []string{"/api/duplicates", "/api/outliers", "/api/groups", "/map"} {
		mustRefuse(t, path, askOf(one, "GET", path, nil), http.StatusConflict, "the index has 1 item: want 2 or more")
	}
	mustHaveAllBack(t, &indexed().desk)
}
