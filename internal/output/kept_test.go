package output

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

func TestBegins(t *testing.T) {
	for _, c := range []struct {
		file string
		skip int
		want bool
	}{
		{"", 0, true}, {"N", 0, true}, {"NUM", 0, true}, {"NUMBERS", 0, true}, {"n", 0, false}, {"NUT", 0, false},
		{"", 2, true}, {"x", 2, false}, {"xy", 2, false}, {"xyN", 2, true}, {"xyNUM and more", 2, true}, {"NUM", 2, false}, {"xyNUN", 2, false},
	} {
		if got, err := Begins(strings.NewReader(c.file), c.skip, "NUM"); err != nil || got != c.want {
			t.Errorf("%q after %d bytes: %v, %v, want %v", c.file, c.skip, got, err, c.want)
		}
	}
	if ours, err := Begins(broken{}, 0, "NUM"); ours || !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("a file that cannot be read: %v, %v", ours, err)
	}
}

// broken is a file of which a part can be read.
type broken struct{}

func (broken) ReadAt(b []byte, _ int64) (int, error) { return copy(b, "NU"), iotest.ErrTimeout }
