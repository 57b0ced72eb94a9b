package dataset

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/sparse-manifold/smt/internal/pixelfile"
	"github.com/sparse-manifold/smt/internal/plural"
)

// An imageState is what a file of pixels has of an image beside its pixels, as far as it is known when a folder is opened.
type imageState struct {
	stat  pixelfile.Stat
	known pixelfile.Header
}

// takeUp has the images of a set read from the files of pixels that are open.
func (r *keepingRoom) takeUp() {
	for _, f := range r.files {
		if err := r.fits(f.Head); err != nil {
			r.asked.say("%s is not taken up: %v", f.path, err)
			continue
		}
		if f.Whole != nil {
			r.spoil(f.File, f.Whole)
		}
		if n, named := r.attach(f, f.Holds), r.named(f); n+named > 0 {
			r.asked.say("%s is taken up: it has the pixels of %s of %s", f.path, plural.Apart(n), plural.ApartOf(r.images(), "image"))
		}
	}
	for _, f := range r.files {
		f.items, f.Items = nil, nil
	}
}

// fits reports why images of a head are none of these.
func (r *keepingRoom) fits(h pixelfile.Head) error {
	f := r.folders[0]
	switch has := (Shape{h.Height, h.Width, h.Channels}); {
	case has != f.shape:
		return fmt.Errorf("its images are %v, want %v", has, f.shape)
	case h.Depth != f.depth:
		return fmt.Errorf("samples of 16 bits were taken as %d bits, want %d", h.Depth, f.depth)
	}
	return nil
}

// head is what a file of pixels of these images begins with.
func (r *keepingRoom) head() pixelfile.Head {
	f := r.folders[0]
	return pixelfile.Head{Maker: maker(), Height: f.shape.Height, Width: f.shape.Width, Channels: f.shape.Channels, Depth: f.depth}
}

// images is the number of images of all folders.
func (r *keepingRoom) images() (n int) {
	for _, f := range r.folders {
		n += f.Len()
	}
	return n
}

// named is how many of the images a file has, as they are or as they were.
func (r *keepingRoom) named(file *pixelFile) (n int) {
	for _, f := range r.folders {
		for i := range f.files {
			if _, is := file.items[f.ID(i)]; is {
				n++
			}
		}
	}
	return n
}

// attach has those images read from a file that are read from none, and are there as holds has it. It returns how many they are.
func (r *keepingRoom) attach(file *pixelFile, holds func(pixelfile.Item, pixelfile.Stat) bool) (n int) {
	for _, f := range r.folders {
		for i := range f.files {
			item, is := file.items[f.ID(i)]
			switch {
			case !is || !holds(item, f.states[i].stat):
			case item.Bad != "":
				f.broken[i] = item.Bad
			case f.decoded[i].take(file.File, item.Place):
				n++
			}
		}
	}
	return n
}

// take has the image read from a file, unless it is from another one.
func (d *decodedImage) take(from *pixelfile.File, at pixelfile.Place) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.from != nil {
		return false
	}
	d.from, d.at = from, at
	return true
}

// detach has no image read from a file any more.
func (r *keepingRoom) detach(file *pixelfile.File) {
	for _, f := range r.folders {
		for i := range f.decoded {
			d := &f.decoded[i]
			d.mu.Lock()
			if d.from == file {
				d.from = nil
			}
			d.mu.Unlock()
		}
	}
}

// spoil notes that a file is not as it was written, and says so once.
func (r *keepingRoom) spoil(file *pixelfile.File, err error) {
	if _, known := r.spoilt.LoadOrStore(file, true); !known {
		r.asked.say("%s is not as it was written, and what has changed of it is decoded again: %v", file.Name(), err)
	}
}

// mends reports that the file that is written is not as it was written.
func (r *keepingRoom) mends() bool {
	own := r.own()
	if own == nil {
		return false
	}
	_, spoilt := r.spoilt.Load(own.File)
	return spoilt
}

// own is the file at the path that is written, nil if it is not open.
func (r *keepingRoom) own() *pixelFile {
	for _, f := range r.files {
		if f.path == r.asked.File {
			return f
		}
	}
	return nil
}

// unread are the entries of files that are no images, though their names say so.
func (s *survey) unread() (entries []pixelfile.Entry) {
	for path, err := range s.bad {
		if stat := s.stats[path]; stat != (pixelfile.Stat{}) && lasting(err) {
			entries = append(entries, pixelfile.Entry{ID: []byte(s.name(path)), Stat: stat, Bad: badFile(s.root, path, err).Cause})
		}
	}
	return entries
}

// entry is what a file of pixels has of image i, but for its pixels, with err if it cannot be read. It is false for what is not to
// be kept.
func (f *folder) entry(i int, err error) (e pixelfile.Entry, keep bool) {
	if f.states == nil || f.states[i].stat == (pixelfile.Stat{}) || err != nil && !lasting(err) {
		return e, false
	}
	e = pixelfile.Entry{ID: []byte(f.ID(i)), Stat: f.states[i].stat, Header: f.states[i].known}
	if err != nil {
		e.Bad = badFile(f.root, f.files[i], err).Cause
	}
	return e, true
}

// setAside notes images that cannot be read, which are none of the folder any more.
func (f *folder) setAside(errs []error) {
	for i, err := range errs {
		if e, keep := f.entry(i, err); keep && err != nil {
			f.room.unread = append(f.room.unread, e)
		}
	}
}

// close closes all files of pixels.
func (r *keepingRoom) close() error {
	var errs []error
	for _, f := range r.files {
		if err := f.Close(); !errors.Is(err, fs.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
