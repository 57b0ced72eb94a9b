package dataset

// Shape is the size of every image of a source.
type Shape struct {
	Height   int `json:"height"`
	Width    int `json:"width"`
	Channels int `json:"channels"` // 1 (gray) or 3 (red, green, blue)
}

// Len is the number of bytes of one image.
func (s Shape) Len() int { return s.Height * s.Width * s.Channels }

// Source is a finite, ordered collection of images of one shape.
// Implementations are safe for concurrent use.
type Source interface {
	// Len is the number of images.
	Len() int
	// Shape is the shape of every image.
	Shape() Shape
	// Image writes image i into pix, Height × Width × Channels bytes in row-major
	// order with the channels of a pixel side by side. It panics if pix is
	// shorter than that or i is out of range; errors name the file and the cause.
	Image(i int, pix []uint8) error
	// Label is the class of image i as an index into Classes, or -1 if it has none.
	Label(i int) int
	// Classes names the classes; it is nil for unlabelled images.
	Classes() []string
	// ID is the name of image i, by which its file is found again: of a folder its path
	// inside the folder that was opened, with slashes; of a list its path from the list's folder, or an absolute one; of a file that holds many
	// FILE#INDEX, as test_batch.bin#17, with an index from 0; of images in memory alone
	// their number. Views keep the ids of the images that they show. Nothing keeps two
	// images from having one id.
	ID(i int) string
}

// A Set is what a path holds: one source, or a training and a test source.
type Set struct {
	Format string // "idx", "cifar10", "cifar100", "list", "tar" or "folder"
	Path   string
	Train  Source // the images to learn from; for a path without splits, all of them
	Test   Source // nil when the path has no test split

	// Bad are image files of a folder that cannot be read, and are left out: see Check and Options.BadLater.
	Bad []BadFile

	// Of a folder: what is in it and not among the images; how folders were taken whose
	// names leave in doubt whether they are splits; and what else was decided on the way,
	// a sentence each.
	Left   []Left
	Splits []string
	Notes  []string
}
