package pixelfile

import (
	"errors"
	"fmt"
	"time"
)

// A Head is what the images of a file have in common. Images of another Head are of no use, but for Begun.
type Head struct {
	Maker    string `json:"maker"` // what decoded them
	Height   int    `json:"height"`
	Width    int    `json:"width"`
	Channels int    `json:"channels"`
	Depth    int    `json:"depth"` // bits of samples of 16 bits, where files do not state them
	Begun    int64  `json:"begun"` // when the file was begun, in ns since 1970, by the clock of its file system
}

// Len is the bytes of an image.
func (h Head) Len() int { return h.Height * h.Width * h.Channels }

// mostPixels is the pixels of an image, as dataset bounds them.
const mostPixels = 100_000_000

// sized reports a size that an image may have.
func sized(width, height int) bool {
	return width > 0 && height > 0 && width <= mostPixels/height
}

func (h Head) check() error {
	if !sized(h.Width, h.Height) || h.Channels != 1 && h.Channels != 3 {
		return fmt.Errorf("images of %d×%d×%d", h.Height, h.Width, h.Channels)
	}
	return nil
}

// as is h begun at another time.
func (h Head) as(begun int64) Head {
	h.Begun = begun
	return h
}

// An Entry is what is known of an image file.
type Entry struct {
	ID     []byte `json:"id"` // bytes, since the name of a file need not be text
	Stat   Stat   `json:"stat"`
	Header Header `json:"header"`
	Bad    string `json:"bad,omitempty"` // why the file cannot be read: it has no pixels then
	Sum    uint32 `json:"sum,omitempty"` // of its pixels, CRC-32C
}

// check reports what no image file declares.
func (e Entry) check() error {
	h := e.Header
	switch {
	case e.Bad != "" && h == Header{}:
		return nil
	case !sized(h.Width, h.Height), h.Orientation < 1 || h.Orientation > 8, h.Depth < 0 || h.Depth > 255,
		h.Bytes < 0 || h.Bytes > 1<<40, h.More < 0 || h.More > 1<<40:
		return fmt.Errorf("%q declares %+v", e.ID, h)
	case e.Stat == Stat{}:
		return errors.New("an entry is of no file")
	}
	return nil
}

// A Stat tells the states of a file apart. The zero Stat is that of no file.
type Stat struct {
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"`          // ns since 1970
	Changed  int64  `json:"changed,omitempty"` // the same, of what is known of the file, where the system tells
	Number   uint64 `json:"number,omitempty"`  // in its file system, where the system tells
}

// A Header is what an image file declares of itself. It is zero for one that declares nothing.
type Header struct {
	Width       int   `json:"width,omitempty"`
	Height      int   `json:"height,omitempty"`
	Orientation int   `json:"orientation,omitempty"`
	Depth       int   `json:"depth,omitempty"`
	Bytes       int64 `json:"bytes,omitempty"`
	More        int64 `json:"more,omitempty"`
	Gray        bool  `json:"gray,omitempty"`
	Deep        bool  `json:"deep,omitempty"`
	Several     bool  `json:"several,omitempty"`
}

// Grain is the coarsest step of the times of a file system, that of FAT. Tests set it to 0.
var Grain = 2 * time.Second

// young reports a file that may have been changed after it was decoded, and look as before: one whose last change is not
// older than the file of pixels, by as much as clocks are coarse.
func (s Stat) young(begun int64) bool { return max(s.Modified, s.Changed) >= begun-int64(Grain) }
