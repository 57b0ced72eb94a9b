package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
)

// uploads are the images last uploaded. They are in memory only.
type uploads struct {
	mu    sync.Mutex
	last  []*shown // the newest last
	bytes int
}

// uploadsBytes is what the uploads kept may take together: some forty pictures of the
// largest size.
const uploadsBytes = 64 << 20

func (u *uploads) get(id string) *shown {
	u.mu.Lock()
	defer u.mu.Unlock()
	if i := slices.IndexFunc(u.last, func(im *shown) bool { return im.id == id }); i >= 0 {
		return u.last[i]
	}
	return nil
}

// add keeps an image, and forgets the oldest ones that there is no room for beside it.
func (u *uploads) add(im *shown) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.bytes += im.bytes()
	forgotten := 0
	u.last = append(slices.DeleteFunc(u.last, func(old *shown) bool {
		if old.id != im.id {
			return false
		}
		u.bytes -= old.bytes()
		return true
	}), im)
	for u.bytes > uploadsBytes && forgotten < len(u.last)-1 {
		u.bytes -= u.last[forgotten].bytes()
		forgotten++
	}
	u.last = slices.Delete(u.last, 0, forgotten)
}

func (im *shown) bytes() int {
	n := len(im.Pix)
	if im.large != nil {
		n += len(im.large.Pix)
	}
	return n
}

const (
	uploadSide = 640 // pixels of the picture kept for crops
	// uploadPixels is sixty times what that picture has, 24 megapixels. All that a model
	// sees is the picture or less, and a file of some kilobytes can declare any number.
	uploadPixels = 60 * uploadSide * uploadSide
	// uploadMemory is what decoding may take: of that many pixels 16 bits a sample, twice.
	uploadMemory = 16 * uploadPixels
)

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	im, err := s.receive(w, r)
	if err != nil {
		refuse(w, err)
		return
	}
	s.uploads.add(im)
	s.answer(func(*http.Request) (any, error) { return s.describe(im) })(w, r)
}

// receive reads and decodes an uploaded file, as a folder's images are.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) (im *shown, err error) {
	err = s.received(w, r, func(file []byte, size dataset.Shape) error {
		im, err = s.decode(r.Context(), file, size)
		return err
	})
	return im, err
}

// received reads an uploaded file and has it decoded; size is what the file declares. Reading takes
// no place. Decoding has one of its own, since it takes more memory and time than all else:
// others wait for it only to decode.
func (s *desk) received(w http.ResponseWriter, r *http.Request, decode func(file []byte, size dataset.Shape) error) error {
	file, release, err := s.body(w, r)
	if err != nil {
		return err
	}
	defer release()
	size, err := declared(file)
	if err != nil {
		return err
	}
	if err := s.decoding.enter(r.Context()); err != nil {
		return err
	}
	defer s.decoding.leave()
	defer freeLarge(size)
	return decode(file, size)
}

// declared is the size that a file of an image declares, unless that is too large.
func declared(file []byte) (size dataset.Shape, err error) {
	size, err = dataset.PictureShape(bytes.NewReader(file), dataset.Limits{Pixels: math.MaxInt64, Memory: math.MaxInt64})
	if err != nil {
		return size, noImage(err)
	}
	if size.Width > uploadPixels/size.Height {
		return size, problem{http.StatusRequestEntityTooLarge, fmt.Sprintf("the image has %d×%d pixels: want at most %d", size.Width, size.Height, uploadPixels)}
	}
	return size, nil
}

// freeLarge gives back what decoding one large image took, before the next one takes as much.
func freeLarge(size dataset.Shape) {
	if size.Width*size.Height > uploadPixels/10 {
		debug.FreeOSMemory()
	}
}

// pictureIn is the picture in an uploaded file. Its errors are the file's fault, or ctx's.
func pictureIn(ctx context.Context, file []byte, depth int) (*dataset.Picture, error) {
	p, err := dataset.ReadPicture(ctx, bytes.NewReader(file), dataset.Limits{Pixels: uploadPixels, Memory: uploadMemory}, depth)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, noImage(err)
	}
	return p, nil
}

func noImage(err error) error {
	return problem{http.StatusUnsupportedMediaType, "no image that can be read: " + err.Error()}
}

// decode makes an image of a file, once, and until ctx is done. size is what the file
// declares.
func (s *Server) decode(ctx context.Context, file []byte, size dataset.Shape) (*shown, error) {
	p, err := pictureIn(ctx, file, dataset.Depth(s.images.Test))
	if err != nil {
		return nil, err
	}
	large := explain.Image{Shape: dataset.Shape{Channels: s.shape.Channels}}
	shrink := max(1, float64(max(size.Height, size.Width))/uploadSide)
	large.Shape.Height = max(1, int(float64(size.Height)/shrink+0.5))
	large.Shape.Width = max(1, int(float64(size.Width)/shrink+0.5))
	small := explain.Image{Shape: s.shape, Pix: p.Pixels(s.shape)}
	large.Pix = p.Pixels(large.Shape)
	for _, im := range []*explain.Image{&small, &large} {
		if *im, err = explain.ImageOf(s.seen.See(im.Source()), 0); err != nil {
			return nil, err
		}
		im.ID = "" // an upload has the name of its shown
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	sum := sha256.Sum256(file)
	return &shown{
		Image: small,
		id:    "upload-" + hex.EncodeToString(sum[:8]),
		large: draw.Photo(large),
	}, nil
}
