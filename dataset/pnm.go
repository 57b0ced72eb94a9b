package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

// PNM is the six formats of Netpbm: bits (P1, P4), gray (P2, P5) and colour (P3, P6),
// as text or as bytes, with samples up to a largest one that the header states.

func isPNM(magic []byte) bool { return magic[0] == 'P' && magic[1] >= '1' && magic[1] <= '6' }

// pnm is the header of a PNM file, and the reader behind it.
type pnm struct {
	r             *bufio.Reader
	kind          byte // '1' to '6'
	width, height int
	most          int // the largest sample
}

func (p pnm) text() bool   { return p.kind <= '3' }
func (p pnm) bits() bool   { return p.kind == '1' || p.kind == '4' }
func (p pnm) colour() bool { return p.kind == '3' || p.kind == '6' }

func readPNM(r io.Reader) (pnm, error) {
	p := pnm{r: bufio.NewReader(r), most: 1}
	var magic [2]byte
	if _, err := io.ReadFull(p.r, magic[:]); err != nil {
		return p, err
	}
	p.kind = magic[1]
	fields := []*int{&p.width, &p.height, &p.most}
	if p.bits() {
		fields = fields[:2]
	}
	for _, f := range fields {
		var err error
		if *f, err = p.number(); err != nil {
			return p, err
		}
	}
	if p.most < 1 || p.most > 0xffff {
		return p, fmt.Errorf("pnm: largest sample %d, want 1 to 65535", p.most)
	}
	return p, nil
}

// number reads a number of text, and the one character after it.
func (p pnm) number() (int, error) {
	n, digits := 0, 0
	for {
		c, err := p.r.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && digits > 0 && p.text():
			return n, nil // the last sample of a file
		case err != nil:
			return 0, noEOF(err)
		case c >= '0' && c <= '9':
			if n = 10*n + int(c-'0'); n > 1<<30 {
				return 0, errors.New("pnm: a number of more than ten digits")
			}
			digits++
		case c == '#':
			if err := p.comment(); err != nil {
				return 0, err
			}
			if digits > 0 {
				return n, nil
			}
		case c != ' ' && (c < '\t' || c > '\r'):
			return 0, fmt.Errorf("pnm: character %q where a number was due", c)
		case digits > 0:
			return n, nil
		}
	}
}

// comment passes over what is left of a line.
func (p pnm) comment() error {
	for {
		if c, err := p.r.ReadByte(); err != nil || c == '\n' || c == '\r' {
			return noEOF(err)
		}
	}
}

// bit reads a sample of P1, which nothing need stand between.
func (p pnm) bit() (int, error) {
	for {
		c, err := p.r.ReadByte()
		switch {
		case err != nil:
			return 0, noEOF(err)
		case c == '0' || c == '1':
			return int(c - '0'), nil
		case c == '#':
			if err := p.comment(); err != nil {
				return 0, err
			}
		case c != ' ' && (c < '\t' || c > '\r'):
			return 0, fmt.Errorf("pnm: character %q where 0 or 1 was due", c)
		}
	}
}

func (p pnm) config() image.Config {
	model := color.Model(color.GrayModel)
	switch {
	case p.colour() && p.most > 0xff:
		model = color.RGBA64Model
	case p.colour():
		model = color.RGBAModel
	case p.most > 0xff:
		model = color.Gray16Model
	}
	return image.Config{ColorModel: model, Width: p.width, Height: p.height}
}

func pnmConfig(r io.Reader) (image.Config, error) {
	p, err := readPNM(r)
	return p.config(), err
}

// decodePNM decodes an image whose header was found to be within limits.
func decodePNM(r io.Reader) (image.Image, error) {
	p, err := readPNM(r)
	if err != nil {
		return nil, err
	}
	var img image.Image
	var pix []uint8
	rect := image.Rect(0, 0, p.width, p.height)
	switch {
	case p.colour() && p.most > 0xff:
		i := image.NewRGBA64(rect)
		img, pix = i, i.Pix
	case p.colour():
		i := image.NewRGBA(rect)
		img, pix = i, i.Pix
	case p.most > 0xff:
		i := image.NewGray16(rect)
		img, pix = i, i.Pix
	default:
		i := image.NewGray(rect)
		img, pix = i, i.Pix
	}
	for range p.height {
		if pix, err = p.row(pix); err != nil {
			return nil, err
		}
	}
	return img, nil
}

// row reads a row of samples into pix, and returns what comes after it.
func (p pnm) row(pix []uint8) ([]uint8, error) {
	channels := 1
	if p.colour() {
		channels = 3
	}
	var packed byte
	for x := range p.width {
		for range channels {
			v, err := 0, error(nil)
			switch {
			case p.kind == '1':
				v, err = p.bit()
			case p.kind == '4':
				if x%8 == 0 {
					packed, err = p.r.ReadByte()
				}
				v = int(packed >> (7 - x%8) & 1)
			case p.text():
				v, err = p.number()
			case p.most > 0xff:
				var b [2]byte
				_, err = io.ReadFull(p.r, b[:])
				v = int(b[0])<<8 | int(b[1])
			default:
				var b byte
				b, err = p.r.ReadByte()
				v = int(b)
			}
			if err != nil {
				return nil, noEOF(err)
			}
			if v > p.most {
				return nil, fmt.Errorf("pnm: a sample is %d, want at most %d as the header declares", v, p.most)
			}
			if p.bits() {
				v = 1 - v // 1 is black
			}
			pix = p.put(pix, v)
		}
		if channels == 3 {
			pix = p.put(pix, p.most) // alpha
		}
	}
	return pix, nil
}

// put writes a sample, spread over eight or sixteen bits.
func (p pnm) put(pix []uint8, v int) []uint8 {
	if p.most > 0xff {
		v = (v*0xffff + p.most/2) / p.most
		pix[0], pix[1] = uint8(v>>8), uint8(v)
		return pix[2:]
	}
	pix[0] = uint8((v*0xff + p.most/2) / p.most)
	return pix[1:]
}
