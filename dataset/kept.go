package dataset

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"

	"github.com/sparse-manifold/smt/internal/pixelfile"
)

// Keep has the folder that src shows keep its images in memory, as they are once they are decoded and
// brought to their shape: the first that are read, until those of all splits together take most bytes. Others are
// decoded whenever they are read, or kept in the file that Options.Pixels names, if it names one: Check writes it where not all images
// fit, and Keep before it forgets any. Images that are kept and have no room any more are forgotten. What has been kept
// is not read again: a file that changes is not seen to. Sources that decode nothing are as before. The error is ctx's.
func Keep(ctx context.Context, src Source, most int64) error {
	f := folderOf(src)
	if f == nil {
		return nil
	}
	r := f.room
	r.most.Store(most)
	if r.held.Load() > most {
		// What cannot be read is an error when it is read again.
		if _, err := r.decodeAll(ctx, func(int) {}); err != nil {
			return err
		}
	}
	for _, f := range r.folders {
		for i := range f.decoded {
			if r.held.Load() <= most {
				return nil
			}
			f.decoded[i].forget(r)
		}
	}
	return nil
}

// Watch has seen called with every picture that is decoded of the folder that src shows, from now on, and with the path of its
// file: for what is to be made of the picture besides, so that the file need not be decoded again. Calls come from
// many goroutines. A seen of nil is none. Sources that decode nothing are as before.
//
// It is not to be called while images are read.
func Watch(src Source, seen func(path string, p *Picture)) {
	if f := folderOf(src); f != nil {
		f.room.seen = seen
	}
}

// keepingRoom is what the folders of a set may keep, and what they do.
type keepingRoom struct {
	folders    []*folder
	most, held atomic.Int64 // bytes
	seen       func(path string, p *Picture)

	asked  Pixels
	files  []*pixelFile
	unread []pixelfile.Entry // bad files that are no images of the folders
	spoilt sync.Map          // files of pixels that are not as they were written
}

// take takes so many bytes, if there is room for them.
func (r *keepingRoom) take(bytes int64) bool {
	for {
		held := r.held.Load()
		if held+bytes > r.most.Load() {
			return false
		}
		if r.held.CompareAndSwap(held, held+bytes) {
			return true
		}
	}
}

// decodedImage is the place of an image of a folder that may be kept.
type decodedImage struct {
	mu  sync.Mutex // while it is decoded, too: nobody else decodes it then
	pix []uint8    // nil if it is not kept

	from *pixelfile.File // that has it, nil for none
	at   pixelfile.Place
}

// read writes the image into pix: as it is kept in memory or in a file, or else as decode does.
func (d *decodedImage) read(pix []uint8, r *keepingRoom, decode func(pix []uint8) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pix != nil {
		copy(pix, d.pix)
		return nil
	}
	if d.from != nil {
		err := d.from.Pixels(d.at, pix)
		if err == nil {
			return nil
		}
		r.spoil(d.from, err)
		d.from = nil
	}
	if err := decode(pix); err != nil {
		return err
	}
	if r.take(int64(len(pix))) {
		d.pix = bytes.Clone(pix)
	}
	return nil
}

func (d *decodedImage) forget(r *keepingRoom) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r.held.Add(-int64(len(d.pix)))
	d.pix = nil
}
