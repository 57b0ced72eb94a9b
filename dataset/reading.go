package dataset

import "unsafe"

// Reading is the bytes that reading one image of src takes, beside its pixels: those of
// the largest file of a folder, decoded and scaled, and of a colour image that a gray
// view is made of. Images of other formats take none.
func Reading(src Source) int64 { return ReadingAs(src, src.Shape()) }

// ReadingAs is Reading of the images at another size.
func ReadingAs(src Source, shape Shape) int64 {
	switch s := src.(type) {
	case *folder:
		return readingMemory(s.largest, shape)
	case *subset:
		return ReadingAs(s.Source, shape)
	case gray:
		return ReadingAs(s.Source, shape) + 3*int64(shape.Height)*int64(shape.Width)
	case repeated:
		return ReadingAs(s.Source, shape)
	}
	return 0
}

// readingMemory is what decode and convert take: what the header says of the file, 8
// bytes a pixel of the image made of it, and, where it is scaled, 32 for each column of
// that image in each row of the file.
func readingMemory(h header, s Shape) int64 {
	n := h.bytes*int64(h.stored.X)*int64(h.stored.Y) + h.more + 8*int64(s.Height)*int64(s.Width)
	if size := h.size(); size.X != s.Width || size.Y != s.Height {
		n += 32 * int64(s.Width) * int64(size.Y)
	}
	return n
}

// Resident is the bytes in memory of sources, as long as they are used: the values of IDX
// files, both splits of a set, or the paths, labels and places of a folder. What several of them
// share counts once. Images that are kept (Keep) come on top.
func Resident(srcs ...Source) (n int64) {
	counted := map[any]bool{}
	count := func(what any, bytes int64) {
		if !counted[what] {
			counted[what] = true
			n += bytes
		}
	}
	for _, src := range srcs {
		for src != nil {
			var inner Source
			switch s := src.(type) {
			case *idx:
				count(s.set, *s.set)
			case *folder:
				var paths int64
				for _, f := range s.files {
					paths += int64(len(f)) + 16
				}
				count(s, paths+s.members.resident()+8*int64(len(s.labels))+int64(len(s.resized))+
					int64(unsafe.Sizeof(decodedImage{}))*int64(len(s.decoded))+int64(unsafe.Sizeof(imageState{}))*int64(len(s.states)))
			case *cifar:
				count(s, int64(len(s.labels)*s.Len()))
			case *subset:
				count(s, 8*int64(len(s.index)))
				inner = s.Source
			case gray:
				inner = s.Source
			case repeated:
				inner = s.Source
			}
			src = inner
		}
	}
	return n
}
