package dataset

import "fmt"

// An OptionError is of a field of Options that cannot be had for what is at a path.
type OptionError struct {
	Path   string
	Option string // "format", "size" or "channels" (of Shape), or "depth"
	Wrong  string // the value, and what is wanted
}

func (e OptionError) Error() string {
	return fmt.Sprintf("dataset: %s: options: %s %s", e.Path, e.Option, e.Wrong)
}

// checkWanted reports what of a Shape no image can be brought to: an option, and what is wrong with it.
func (s Shape) checkWanted() (option, wrong string) {
	switch {
	case s.Height < 0 || s.Width < 0:
		return "size", fmt.Sprintf("%d×%d: want positive, or 0 to decide", s.Height, s.Width)
	case s.Channels != 0 && s.Channels != 1 && s.Channels != 3:
		return "channels", fmt.Sprintf("%d: want 1, 3, or 0 to decide", s.Channels)
	case s.Height > 0 && s.Width > maxPixels/s.Height:
		return "size", fmt.Sprintf("%d×%d: want at most %d pixels", s.Height, s.Width, maxPixels)
	}
	return "", ""
}

// matches reports what of a wanted shape images of a fixed shape do not have.
func (s Shape) matches(want Shape) (option, wrong string) {
	differ := func(have, want int) bool { return want != 0 && have != want }
	switch {
	case differ(s.Height, want.Height) || differ(s.Width, want.Width):
		return "size", fmt.Sprintf("%d×%d: images are %d×%d, and only image folders are resized", want.Height, want.Width, s.Height, s.Width)
	case differ(s.Channels, want.Channels):
		return "channels", fmt.Sprintf("%d: images have %d, and only those of image folders are changed", want.Channels, s.Channels)
	}
	return "", ""
}
