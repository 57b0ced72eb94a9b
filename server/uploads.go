package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"sync"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
)

// uploads are the images last uploaded. They are in memory only.
type uploads struct {
	mu   sync.Mutex
	last []*shown // the newest last
}

const uploadsKept = 32

func (u *uploads) get(id string) *shown {
	u.mu.Lock()
	defer u.mu.Unlock()
	if i := slices.IndexFunc(u.last, func(im *shown) bool { return im.id == id }); i >= 0 {
		return u.last[i]
	}
	return nil
}

func (u *uploads) add(im *shown) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.last = slices.DeleteFunc(u.last, func(old *shown) bool { return old.id == im.id })
	u.last = append(u.last, im)
	u.last = slices.Delete(u.last, 0, max(0, len(u.last)-uploadsKept))
}

// receive decodes an uploaded file, as a folder's images are.
func (s *Server) receive(body io.Reader) (*shown, error) {
	file, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	im := &shown{Image: explain.Image{Shape: s.shape}}
	size, err := dataset.DecodeShape(bytes.NewReader(file), uploadPixels)
	if err == nil {
		im.Pix, err = dataset.Decode(bytes.NewReader(file), s.shape, uploadPixels)
	}
	if err != nil {
		return nil, problem{http.StatusUnsupportedMediaType, "no image that can be read: " + err.Error()}
	}
	large := explain.Image{Shape: dataset.Shape{Channels: s.shape.Channels}}
	shrink := max(1, float64(max(size.Height, size.Width))/uploadSide)
	large.Shape.Height = max(1, int(float64(size.Height)/shrink+0.5))
	large.Shape.Width = max(1, int(float64(size.Width)/shrink+0.5))
	if large.Pix, err = dataset.Decode(bytes.NewReader(file), large.Shape, uploadPixels); err != nil {
		return nil, err
	}
	im.large = draw.Photo(large)
	sum := sha256.Sum256(file)
	im.id = "upload-" + hex.EncodeToString(sum[:8])
	return im, nil
}
