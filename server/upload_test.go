package server

import (
	"bytes"
	"encoding/json"
	"image"
	"math"
	"net/http"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain/draw"
)

func TestUpload(t *testing.T) {
	_, images := fitted()
	big := image.NewGray(image.Rect(0, 0, 900, 600))
	for i := range big.Pix {
		big.Pix[i] = uint8(i % 900 / 4)
	}
	w := ask("POST", "/api/images", bytes.NewReader(draw.PNG(big)))
	var v imageAnswer
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != http.StatusOK || v.Width != 640 || v.Height != 427 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	shape := images.Test.Shape()
	if got := dataset.FromImage(getPNG(t, "/api/images/"+v.ID+"/pixels.png"), shape); !bytes.Equal(got, dataset.FromImage(big, shape)) {
		t.Error("the upload has other pixels than FromImage gives")
	}
	if size := getPNG(t, "/api/images/"+v.ID+"/picture.png").Bounds().Size(); size != image.Pt(640, 427) {
		t.Errorf("its picture is %v", size)
	}
	get[searchAnswer](t, "/api/images/"+v.ID+"/neighbours?crop=600,400,40,27")
	// An image of the bank, uploaded, is that image.
	w = ask("POST", "/api/images", bytes.NewReader(draw.PNG(draw.Photo(imageOf(t, images.Bank, 9)))))
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	if n := get[searchAnswer](t, "/api/images/"+v.ID+"/neighbours").Neighbours[0]; n.ID != "bank-9" || math.Abs(n.Cosine-1) > 1e-5 {
		t.Errorf("an image of the bank finds %+v", n)
	}
}

// Whatever their size, the images kept take no more than they may, but for the last
// alone.
func TestUploadsKeptAreBoundedInBytes(t *testing.T) {
	pixels := make([]uint8, 70<<20)
	rapid.Check(t, func(t *rapid.T) {
		var kept uploads
		var want []*shown // the newest last
		for range 40 {
			im := &shown{id: rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}).Draw(t, "id")}
			im.Pix = pixels[:rapid.SampledFrom([]int{100, 9 << 20, 30 << 20, 70 << 20}).Draw(t, "size")]
			kept.add(im)
			want = append(slices.DeleteFunc(want, func(old *shown) bool { return old.id == im.id }), im)
			for sum := 0; ; sum = 0 {
				for _, im := range want {
					sum += len(im.Pix)
				}
				if sum <= uploadsBytes || len(want) == 1 {
					if kept.bytes != sum {
						t.Fatalf("%d bytes are counted, want %d", kept.bytes, sum)
					}
					break
				}
				want = want[1:]
			}
			if !slices.Equal(kept.last, want) {
				t.Fatalf("%d are kept, want %d", len(kept.last), len(want))
			}
			if kept.get(im.id) != im {
				t.Fatal("the last is not kept")
			}
		}
	})
}
