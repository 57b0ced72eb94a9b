package dataset

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/sparse-manifold/smt/internal/pixelfile"
	"github.com/sparse-manifold/smt/internal/revision"
)

// Pixels are files with the decoded images of a folder, for those that do not fit in memory. An image that one of them has,
// and whose file has not changed since, is not decoded, nor is its file opened. What is wrong with such a file is told and no error: images are then decoded.
type Pixels struct {
	// Found are files that there may be. They are not written.
	Found []string
	// File is one more, which is written where images do not fit in memory, see Keep, and replaced. "" is none.
	File string
	// Say, if not nil, is told what is taken up and what is written, a line each. Calls come from many goroutines.
	Say func(line string)
}

// PixelsSuffix follows the name of an output in that of the file of pixels beside it.
const PixelsSuffix = pixelfile.Suffix

// pixelFile is one that is open, with its entries by the ids of images.
type pixelFile struct {
	*pixelfile.File
	path  string
	items map[string]pixelfile.Item
}

func (p Pixels) say(format string, args ...any) {
	if p.Say != nil {
		p.Say(fmt.Sprintf(format, args...))
	}
}

// none reports that no files are asked for.
func (p Pixels) none() bool { return p.File == "" && len(p.Found) == 0 }

// open opens the files that are there, and were made as they would be now.
func (p Pixels) open() (files []*pixelFile) {
	for _, path := range append(p.Found[:len(p.Found):len(p.Found)], p.File) {
		if path == "" || slices.ContainsFunc(files, func(f *pixelFile) bool { return f.path == path }) {
			continue
		}
		f, err := pixelfile.Open(path)
		if err == nil && f.Head.Maker != maker() {
			err = errors.Join(errors.New("another build of this program has written it"), f.Close())
		}
		switch {
		case err == nil:
			files = append(files, &pixelFile{f, path, f.Find()})
		case !errors.Is(err, fs.ErrNotExist):
			p.say("%s is not taken up: %v", path, err)
		}
	}
	return files
}

// decoders is raised whenever an image is decoded to other pixels, or brought to its shape in another way.
const decoders = 1

// maker tells apart programs that might decode an image to other pixels.
func maker() string {
	hash, modified := revision.Of()
	if modified {
		hash += " modified"
	}
	return strings.TrimSpace(fmt.Sprintf("decoders %d of %s, %s, %s", decoders, runtime.GOARCH, runtime.Version(), hash))
}

// header is what an image file declares, or the error that it is none, from a file of pixels if one has it.
func (s *survey) header(path string) (header, error) {
	if s.asked.none() {
		return s.members.header(path)
	}
	now := s.members.stat(path)
	s.stats[path] = now
	for _, f := range s.pixels {
		switch item, is := f.items[s.name(path)]; {
		case !is || !f.Holds(item, now):
		case item.Header == pixelfile.Header{}:
			return header{}, fileError(path, errors.New(item.Bad))
		default:
			return headerOf(item.Header), nil
		}
	}
	return s.members.header(path)
}

// headerOf is what is known of a file without looking at it, which is all but how it is decoded.
func headerOf(h pixelfile.Header) header {
	return header{
		stored: image.Pt(h.Width, h.Height), orientation: h.Orientation, gray: h.Gray, deep: h.Deep, depth: h.Depth,
		bytes: h.Bytes, more: h.More, several: h.Several,
	}
}

// known is what a file of pixels is told of an image beside them.
func (h header) known() pixelfile.Header {
	return pixelfile.Header{
		Width: h.stored.X, Height: h.stored.Y, Orientation: h.orientation, Gray: h.gray, Deep: h.deep, Depth: h.depth,
		Bytes: h.bytes, More: h.more, Several: h.several,
	}
}

// lasting reports an error of what a file holds: it comes again, as long as the file is the same.
func lasting(err error) bool {
	_, system := errors.AsType[syscall.Errno](err)
	return !system && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}
