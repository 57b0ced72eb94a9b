package main

import (
	"sync"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
)

// encodedThumbnail is a thumbnail as a file, and the size of the image that it is of.
type encodedThumbnail struct {
	width, height int
	file          []byte
}

// encoded is the thumbnail with its file.
func (t thumbnail) encoded() (encodedThumbnail, error) {
	file, err := t.encode()
	return encodedThumbnail{t.width, t.height, file}, err
}

// thumbnails are those of image files that have been decoded, until they are taken: so that a file is not decoded once
// more for its thumbnail. They are as many as there is room for.
type thumbnails struct {
	mu         sync.Mutex
	most, held int64 // bytes
	of         map[string]encodedThumbnail
}

// newThumbnails has room for them in a sixteenth of the memory that there is.
func newThumbnails(room memory.Room) *thumbnails {
	most := int64(keptAnyway)
	if room.Bytes > 0 {
		most = room.Bytes
	}
	return &thumbnails{most: most / 16, of: map[string]encodedThumbnail{}}
}

// see makes a thumbnail of a picture and keeps it, if there is room.
func (k *thumbnails) see(path string, p *dataset.Picture) {
	k.mu.Lock()
	full := k.held >= k.most
	k.mu.Unlock()
	if full {
		return
	}
	t, err := thumbnailOf(p).encoded()
	if err != nil {
		return // who asks for it makes it, and has the error
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.held += int64(len(t.file)) - int64(len(k.of[path].file))
	k.of[path] = t
}

// take is the thumbnail of a file, if it is kept, and forgets it.
func (k *thumbnails) take(path string) (encodedThumbnail, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	t, is := k.of[path]
	k.held -= int64(len(t.file))
	delete(k.of, path)
	return t, is
}
