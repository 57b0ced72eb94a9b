package video

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"strconv"
	"strings"
)

// y4m reads YUV4MPEG2: a line that begins with that word and has a letter and a value for each
// parameter, then for each frame a line that begins with FRAME, and its planes: luma, and two
// of colour differences, a byte a sample.
type y4m struct {
	r             *bufio.Reader
	width, height int
	gray          bool
	ratio         image.YCbCrSubsampleRatio
	full          bool // samples go from 0 to 255, not from 16 to 235 or 240
	read          int  // frames so far
}

const (
	y4mMagic   = "YUV4MPEG2"
	y4mFrame   = "FRAME"
	mostHeader = 1 << 10 // bytes of a line; ffmpeg writes about 80
)

// colourSpaces are the values of C that can be read. The kinds of 420 differ in where colour is
// sampled, by less than a pixel.
var colourSpaces = map[string]image.YCbCrSubsampleRatio{
	"420": image.YCbCrSubsampleRatio420, "420jpeg": image.YCbCrSubsampleRatio420,
	"420mpeg2": image.YCbCrSubsampleRatio420, "420paldv": image.YCbCrSubsampleRatio420,
	"422": image.YCbCrSubsampleRatio422, "444": image.YCbCrSubsampleRatio444,
}

func newY4M(r *bufio.Reader) (*y4m, error) {
	line, err := y4mLine(r)
	if err != nil {
		return nil, fmt.Errorf("y4m header: %w", inside(err))
	}
	words := strings.Split(line, " ")
	if words[0] != y4mMagic {
		return nil, fmt.Errorf("y4m header begins with %.20q: want %q", line, y4mMagic)
	}
	y := &y4m{r: r, ratio: image.YCbCrSubsampleRatio420}
	seen := map[byte]bool{}
	for _, w := range words[1:] {
		if w == "" {
			return nil, errors.New("y4m header has two spaces in a row, or one at its end: want one between parameters")
		}
		letter, value := w[0], w[1:]
		if seen[letter] && letter != 'X' {
			return nil, fmt.Errorf("y4m header has parameter %c twice", letter)
		}
		seen[letter] = true
		if err := y.set(letter, value); err != nil {
			return nil, fmt.Errorf("y4m header: %w", err)
		}
	}
	if err := checkSize(y.width, y.height); err != nil {
		return nil, fmt.Errorf("y4m header: %w", err)
	}
	return y, nil
}

// set takes one parameter.
func (y *y4m) set(letter byte, value string) (err error) {
	switch letter {
	case 'W':
		y.width, err = y4mSide(letter, value)
	case 'H':
		y.height, err = y4mSide(letter, value)
	case 'C':
		ratio, known := colourSpaces[value]
		y.gray, y.ratio = value == "mono", ratio
		if !known && !y.gray {
			return fmt.Errorf("colour space %.20q: want mono, 420, 420jpeg, 420mpeg2, 420paldv, 422 or 444, of 8 bits", value)
		}
	case 'F', 'A': // frames a second, shape of a pixel
		a, b, found := strings.Cut(value, ":")
		if !found || digits(a) != len(a) || digits(b) != len(b) || a == "" || b == "" {
			return fmt.Errorf("parameter %c is %.20q: want a ratio as 25:1", letter, value)
		}
	case 'I': // interlacing
		if len(value) != 1 || !strings.Contains("?ptbm", value) {
			return fmt.Errorf("parameter I is %.20q: want ?, p, t, b or m", value)
		}
	case 'X':
		switch value {
		case "COLORRANGE=FULL":
			y.full = true
		case "COLORRANGE=LIMITED":
			y.full = false
		}
	default:
		return fmt.Errorf("parameter %.20q is not known: want W, H, F, I, A, C or X", string(letter)+value)
	}
	return err
}

func y4mSide(letter byte, value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || digits(value) != len(value) || n > mostPixels {
		return 0, fmt.Errorf("parameter %c is %.20q: want a number of pixels", letter, value)
	}
	return n, nil
}

// y4mLine reads a line, without its end. The error is io.EOF if nothing is left.
func y4mLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		c, err := r.ReadByte()
		switch {
		case err != nil && len(line) > 0:
			return "", inside(err)
		case err != nil:
			return "", err
		case c == '\n':
			return string(line), nil
		case len(line) == mostHeader:
			return "", fmt.Errorf("a line of more than %d bytes, beginning with %.20q", mostHeader, line)
		}
		line = append(line, c)
	}
}

func (y *y4m) Next() (Frame, error) {
	line, err := y4mLine(y.r)
	if err == io.EOF {
		return nil, io.EOF
	}
	if err == nil && line != y4mFrame && !strings.HasPrefix(line, y4mFrame+" ") {
		err = fmt.Errorf("%.20q: want %s", line, y4mFrame)
	}
	if err != nil {
		return nil, fmt.Errorf("y4m frame %d: %w", y.read, err)
	}
	p, err := y.planes()
	if err != nil {
		return nil, fmt.Errorf("y4m frame %d: %w", y.read, inside(err))
	}
	y.read++
	return p, nil
}

// planes reads the samples of a frame.
func (y *y4m) planes() (Frame, error) {
	full := image.Rect(0, 0, y.width, y.height)
	luma, err := y4mPlane(y.r, y.width*y.height)
	if err != nil {
		return nil, err
	}
	if !y.full {
		spread(luma, &limitedLuma)
	}
	if y.gray {
		return picture{&image.Gray{Pix: luma, Stride: y.width, Rect: full}, true}, nil
	}
	cw, ch := y.width, y.height
	if y.ratio != image.YCbCrSubsampleRatio444 {
		cw = (cw + 1) / 2
	}
	if y.ratio == image.YCbCrSubsampleRatio420 {
		ch = (ch + 1) / 2
	}
	var colour [2][]byte
	for i := range colour {
		if colour[i], err = y4mPlane(y.r, cw*ch); err != nil {
			return nil, err
		}
		if !y.full {
			spread(colour[i], &limitedColour)
		}
	}
	return picture{&image.YCbCr{
		Y: luma, Cb: colour[0], Cr: colour[1], YStride: y.width, CStride: cw, SubsampleRatio: y.ratio, Rect: full,
	}, false}, nil
}

// y4mPlane reads n samples. Memory grows with what is read, not with what a header says.
func y4mPlane(r io.Reader, n int) ([]byte, error) {
	const piece = 1 << 20
	if n <= piece {
		b := make([]byte, n)
		_, err := io.ReadFull(r, b)
		return b, err
	}
	var b bytes.Buffer
	if _, err := io.CopyN(&b, r, int64(n)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// limitedLuma and limitedColour bring samples of film's limited range to that of image files (ITU-R BT.601):
// luma from 16 to 235, colour differences from 16 to 240 about 128.
var limitedLuma, limitedColour = limited(16, 0, 219), limited(128, 128, 224)

// limited maps a sample of zero to at, and a span of so many samples to 255.
func limited(zero, at, span float64) (table [256]byte) {
	for i := range table {
		table[i] = byte(max(0, min(255, math.Round(at+(float64(i)-zero)*255/span))))
	}
	return table
}

func spread(samples []byte, table *[256]byte) {
	for i, s := range samples {
		samples[i] = table[s]
	}
}
