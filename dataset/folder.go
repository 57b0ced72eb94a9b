package dataset

import (
	"context"

	"github.com/sparse-manifold/smt/internal/memory"
)

// folder is a list of image files; each access opens and decodes one, unless it is kept.
type folder struct {
	root    string // the folder that was opened, of the ids
	files   []string
	members members // those of files that are in tars
	labels  []int   // nil when unlabelled
	classes []string
	shape   Shape
	depth   int    // bits of samples of 16 bits, where a file does not state them; 0 if all do
	resized []bool // whether an image is of another size than shape
	largest header // of the files
	decoded []decodedImage
	states  []imageState   // none where no files of pixels are asked for
	broken  map[int]string // images that a file of pixels says cannot be read, and why
	room    *keepingRoom   // of all splits of the set
}

func (s *folder) Len() int          { return len(s.files) }
func (s *folder) Shape() Shape      { return s.shape }
func (s *folder) Classes() []string { return s.classes }

func (s *folder) Label(i int) int {
	if s.labels == nil {
		return -1
	}
	return s.labels[i]
}

func (s *folder) ID(i int) string { return pathWithin(s.root, s.files[i]) }

func (s *folder) Image(i int, pix []uint8) error {
	pix = target(pix, s.shape, i, s.Len())
	return s.decoded[i].read(pix, s.room, func(pix []uint8) error {
		p, err := s.members.decode(context.Background(), s.files[i], s.depth)
		if err != nil {
			return err
		}
		convert(p.img, p.head.orientation, s.shape, pix)
		if seen := s.room.seen; seen != nil {
			seen(s.files[i], p)
		}
		memory.LetGo(readingMemory(p.head, s.shape))
		return nil
	})
}

// Close closes the files of pixels of the set.
func (s *folder) Close() error { return s.room.close() }

// folderOf is the folder whose images src shows, nil if they are of none.
func folderOf(src Source) *folder {
	for {
		switch s := src.(type) {
		case *folder:
			return s
		case *subset:
			src = s.Source
		case gray:
			src = s.Source
		case repeated:
			src = s.Source
		case deskewed:
			src = s.Source
		default:
			return nil
		}
	}
}

// noImagesError is of a folder without any, and says what it has.
type noImagesError struct{ left string }

func (e noImagesError) Error() string {
	if e.left == "" {
		return "no image files"
	}
	return "no image files; " + e.left
}
