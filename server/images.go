package server

import (
	"fmt"
	"image"
	"net/http"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
)

// shown is an image that a request names.
type shown struct {
	explain.Image
	id    string       // what requests call it
	class string       // "" for none
	large *image.NRGBA // what crops are of, if it is not the image itself
}

// find is the image with an id: test-N, bank-N, bank-N-flip, or upload-X.
func (s *Server) find(id string) (*shown, error) {
	kind, rest, _ := strings.Cut(id, "-")
	if kind == "upload" {
		if u := s.uploads.get(id); u != nil {
			return u, nil
		}
		return nil, notFound("no image %q: it was never uploaded, or many were since", id)
	}
	src := map[string]dataset.Source{"test": s.images.Test, "bank": s.images.Bank}[kind]
	if src == nil {
		return nil, notFound("no image %q: want test-N, bank-N, bank-N-flip or the id of an upload", id)
	}
	digits, flip := strings.CutSuffix(rest, "-flip")
	i, err := strconv.Atoi(digits)
	if err != nil || i < 0 || i >= src.Len() || strconv.Itoa(i) != digits || flip && kind == "test" {
		return nil, notFound("no image %q: there are %s-0 to %s-%d", id, kind, kind, src.Len()-1)
	}
	im, err := explain.ImageOf(src, i)
	if err != nil {
		return nil, err
	}
	if flip {
		im = im.Flipped()
	}
	return &shown{Image: im, id: id, class: dataset.ClassOf(src, i)}, nil
}

func (s *Server) named(r *http.Request) (*shown, error) { return s.find(r.PathValue("image")) }

// whole is the picture that crops are of.
func (im *shown) whole() *image.NRGBA {
	if im.large != nil {
		return im.large
	}
	return draw.Photo(im.Image)
}

// crop is the image, or the part of its picture that the request asks for, brought
// to the shape of images.
func (s *Server) crop(r *http.Request, im *shown) (explain.Image, error) {
	text := query(r, "crop")
	if text == "" {
		return im.Image, nil
	}
	whole := im.whole()
	box, err := part(text, whole.Rect)
	if err != nil {
		return explain.Image{}, err
	}
	return explain.Image{Shape: s.shape, Pix: dataset.FromImage(whole.SubImage(box), s.shape)}, nil
}

// part is the part x,y,width,height of a picture.
func part(text string, whole image.Rectangle) (image.Rectangle, error) {
	var x, y, w, h int
	n, err := fmt.Sscanf(text, "%d,%d,%d,%d", &x, &y, &w, &h)
	box := image.Rect(x, y, x+w, y+h)
	if err != nil || n != 4 || text != fmt.Sprintf("%d,%d,%d,%d", x, y, w, h) || w < 2 || h < 2 || !box.In(whole) {
		return box, badRequest("crop is %q: want x,y,width,height within %d×%d pixels, and sides of at least 2", text, whole.Dx(), whole.Dy())
	}
	return box, nil
}

// imageAnswer is what there is to know of an image.
type imageAnswer struct {
	ID    string `json:"id"`
	Item  string `json:"item,omitempty"`
	Class string `json:"class,omitempty"`
	// Sides of its picture, in pixels.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Codes of its patches, but for those without signal.
	Patches int     `json:"patches"`
	Blank   int     `json:"blank"`
	Active  float64 `json:"active"` // active atoms of a patch, mean
	Atoms   int     `json:"atoms"`  // active anywhere
	Counts  []int   `json:"counts"` // active atoms of each patch, by rows
}

func (s *Server) image(r *http.Request) (any, error) {
	im, err := s.named(r)
	if err != nil {
		return nil, err
	}
	return s.describe(im)
}

func (s *Server) describe(im *shown) (*imageAnswer, error) {
	read, err := explain.Read(s.m, im.Source(), 0, true)
	if err != nil {
		return nil, err
	}
	size := im.whole().Rect
	a := &imageAnswer{ID: im.id, Item: im.ID, Class: im.class, Width: size.Dx(), Height: size.Dy(), Patches: read.Patches.N}
	used := map[uint16]bool{}
	for i := range read.Patches.N {
		if read.Patches.Blank[i] {
			a.Blank++
		}
		row := read.Codes.Row(i)
		a.Counts = append(a.Counts, len(row))
		a.Active += float64(len(row))
		for _, atom := range row {
			used[atom] = true
		}
	}
	a.Active /= float64(max(1, a.Patches-a.Blank))
	a.Atoms = len(used)
	return a, nil
}

func (s *Server) pixels(r *http.Request) (any, error) {
	im, err := s.named(r)
	if err != nil {
		return nil, err
	}
	pixels, err := s.crop(r, im)
	return picture{draw.Photo(pixels)}, err
}

func (s *Server) picture(r *http.Request) (any, error) {
	im, err := s.named(r)
	if err != nil {
		return nil, err
	}
	return picture{im.whole()}, nil
}

type listAnswer struct {
	Total  int      `json:"total"`
	Images []listed `json:"images"`
}

type listed struct {
	ID    string `json:"id"`
	Item  string `json:"item"`
	Class string `json:"class,omitempty"`
}

const listMost = 200

func (s *Server) list(r *http.Request) (any, error) {
	n := s.images.Test.Len()
	from, err := between(r, "from", 0, n, 0)
	if err != nil {
		return nil, err
	}
	count, err := between(r, "count", 1, listMost, 60)
	if err != nil {
		return nil, err
	}
	a := listAnswer{Total: n, Images: []listed{}}
	for i := from; i < min(from+count, n); i++ {
		a.Images = append(a.Images, listed{fmt.Sprintf("test-%d", i), s.images.Test.ID(i), dataset.ClassOf(s.images.Test, i)})
	}
	return a, nil
}
