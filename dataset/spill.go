package dataset

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/pixelfile"
	"github.com/sparse-manifold/smt/internal/plural"
)

// A spill is the writing of a file of pixels, of what is decoded meanwhile. One of nil writes nothing.
type spill struct {
	*pixelfile.Writer
	room *keepingRoom
}

// entryBytes is about what a file of pixels has of an image beside its pixels.
const entryBytes = 400

// spillBytes is about what is decoded before it is written. Tests lower it.
var spillBytes = 32 << 20

// spillover begins to write a file of pixels, or goes on with one. It is nil where images that no other file has fit in
// memory, unless the file is not as it was written, and where it cannot be written, which is said.
func (r *keepingRoom) spillover() *spill {
	size := int64(r.folders[0].shape.Len())
	missing := int64(0)
	for _, f := range r.folders {
		for i := range f.decoded {
			if _, bad := f.broken[i]; f.decoded[i].from == nil && !bad {
				missing++
			}
		}
	}
	if r.asked.File == "" || missing*size <= r.most.Load() && !r.mends() {
		return nil
	}
	s, err := r.beginSpill(int64(r.images()) * (size + entryBytes))
	if err != nil {
		r.unwritten(err)
		return nil
	}
	return s
}

// unwritten says that there is no file of pixels, and why. None is tried again.
func (r *keepingRoom) unwritten(err error) {
	r.asked.say("images that do not fit in memory are decoded again and again, as %s is not written: %v", r.asked.File, err)
	r.asked.File = ""
}

func (r *keepingRoom) beginSpill(bytes int64) (*spill, error) {
	if room, known := output.RoomFor(r.asked.File); known && bytes > room.Free {
		return nil, fmt.Errorf("it may take %s, and %s are free there", memory.Size(bytes), memory.Size(room.Free))
	}
	w, err := pixelfile.Continue(r.asked.File, r.head())
	if err != nil {
		return nil, err
	}
	there := r.attach(&pixelFile{w.File, "", w.Find()}, w.Holds)
	if there > 0 {
		r.asked.say("going on from the pixels of %s in %s", plural.ApartOf(there, "image"), w.Name())
	}
	return &spill{w, r}, nil
}

// skips reports an image that need not be written, as a file that stays has it.
func (s *spill) skips(d *decodedImage) bool {
	own := s.room.own()
	return d.from != nil && (own == nil || d.from != own.File)
}

// add writes images of a folder, from the first on, whose pixels are in pix, a place each, as far as they have no error.
func (s *spill) add(f *folder, first int, errs []error, pix []uint8) {
	if s == nil || s.Writer == nil {
		return
	}
	size := f.shape.Len()
	var entries []pixelfile.Entry
	good := pix[:0]
	for k, err := range errs {
		e, keep := f.entry(first+k, err)
		if !keep || err == nil && s.skips(&f.decoded[first+k]) {
			continue
		}
		entries = append(entries, e)
		if err == nil {
			good = append(good, pix[k*size:(k+1)*size]...)
		}
	}
	s.append(entries, good)
}

func (s *spill) append(entries []pixelfile.Entry, pix []uint8) {
	if len(entries) == 0 {
		return
	}
	if err := s.Append(entries, pix); err != nil {
		s.giveUp(errors.Join(err, s.Discard()))
	}
}

func (s *spill) giveUp(err error) {
	s.room.detach(s.File)
	s.room.unwritten(err)
	s.Writer = nil
}

// interrupted is err, which ended the work, with what is kept of it.
func (s *spill) interrupted(err error) error {
	if s == nil || s.Writer == nil {
		return err
	}
	s.room.detach(s.File)
	err = fmt.Errorf("%w; the same command goes on from the pixels in %s", err, s.Name())
	return errors.Join(err, s.Close())
}

// commit puts the file in its place, and has images read from it.
func (s *spill) commit() {
	if s == nil || s.Writer == nil {
		return
	}
	r := s.room
	s.append(r.unread, nil)
	if s.Writer == nil {
		return
	}
	if own := r.own(); own != nil { // a file that is open cannot be replaced everywhere
		r.detach(own.File)
		_ = own.Close() // it was only read
	}
	r.detach(s.File)
	if err := s.Commit(); err != nil {
		s.giveUp(err)
		return
	}
	f, err := pixelfile.Open(r.asked.File)
	if err != nil {
		s.room.asked.say("%s is not taken up: %v", r.asked.File, err)
		return
	}
	file := &pixelFile{f, r.asked.File, f.Find()}
	// They are of this command's images, however young these are.
	n := r.attach(file, func(i pixelfile.Item, now pixelfile.Stat) bool { return i.Bad == "" && i.Stat == now })
	r.files = append(r.files, &pixelFile{f, file.path, nil})
	f.Items = nil
	r.asked.say("%s has the pixels of %s, %s, for this command and the next: it may be removed", r.asked.File, plural.ApartOf(n, "image"),
		memory.Size(f.Size()))
}

// decodeAll reads all images, and returns the error of each, by folders. It writes a file of pixels, if there is to be one.
func (r *keepingRoom) decodeAll(ctx context.Context, report func(done int)) (errs [][]error, err error) {
	s := r.spillover()
	if s != nil {
		defer func(most int64) { r.most.Store(most) }(r.most.Swap(0)) // they are kept on disk
	}
	done := 0
	for _, f := range r.folders {
		of, err := f.decodeAll(ctx, s, func(n int) { report(done + n) })
		if err != nil {
			return nil, s.interrupted(err)
		}
		errs, done = append(errs, of), done+f.Len()
	}
	s.commit()
	if s == nil && r.asked.File != "" && r.mends() {
		return r.decodeAll(ctx, report) // which writes it anew
	}
	return errs, nil
}
