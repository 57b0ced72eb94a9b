package dataset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/webp"

	"github.com/sparse-manifold/smt/internal/plural"
)

// A WebP is RIFF chunks. golang.org/x/image/webp decodes a still one, and hands out the
// luma and chroma of a lossy one as they are coded: in the range that television has,
// 16 to 235, which the YCbCr of package image has not.

const (
	webpAnimated = 1 << 1
	webpAlpha    = 1 << 4
)

// webpChunk is the name of a chunk and where its content is.
type webpChunk struct {
	name     string
	at, size int64
}

// webpChunks are those between two places of a file, as far as they are whole.
func webpChunks(r io.ReaderAt, at, end int64) []webpChunk {
	const most = 1 << 12 // before the pixels, or after: an animation has many
	var chunks []webpChunk
	for at+8 <= end && len(chunks) < most {
		var head [8]byte
		if _, err := r.ReadAt(head[:], at); err != nil {
			break
		}
		c := webpChunk{string(head[:4]), at + 8, int64(binary.LittleEndian.Uint32(head[4:]))}
		if c.size > end-c.at {
			break
		}
		chunks = append(chunks, c)
		at = c.at + c.size + c.size&1 // chunks begin at even places
	}
	return chunks
}

// readWebP reads from the chunks of a WebP what image.DecodeConfig leaves out: the
// orientation, and that alpha takes memory.
func (h *header) readWebP(r io.ReaderAt, size int64) error {
	var head [8]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return err
	}
	if declared := int64(binary.LittleEndian.Uint32(head[4:])) + 8; declared > size {
		return fmt.Errorf("webp: the file has %s, and declares %d: %w", plural.Of(size, "byte"), declared, io.ErrUnexpectedEOF)
	}
	for _, c := range webpChunks(r, 12, size) {
		if c.name != "EXIF" {
			continue
		}
		block := make([]byte, min(c.size, 1<<20))
		if _, err := r.ReadAt(block, c.at); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		h.orientation = exifOrientation(block)
		break
	}
	h.bytes = 4 + 3 // the picture, and what it is made of
	return nil
}

func decodeWebP(r File) (image.Image, error) {
	still, place, canvas, err := stillWebP(r)
	if err != nil {
		return nil, err
	}
	img, err := webp.Decode(still)
	if err != nil {
		return nil, err
	}
	switch i := img.(type) {
	case *image.YCbCr:
		img = fromVideo(i, nil, 0)
	case *image.NYCbCrA:
		img = fromVideo(&i.YCbCr, i.A, i.AStride)
	}
	// A frame of an animation may cover a part of its canvas only.
	if n, ok := img.(*image.NRGBA); ok && canvas != (image.Point{}) {
		whole := image.NewNRGBA(image.Rectangle{Max: canvas})
		for y := range n.Rect.Dy() {
			if y+place.Y < canvas.Y && place.X < canvas.X {
				copy(whole.Pix[whole.PixOffset(place.X, y+place.Y):whole.PixOffset(0, y+place.Y+1)], n.Pix[n.PixOffset(0, y):n.PixOffset(0, y+1)])
			}
		}
		img = whole
	}
	return img, nil
}

// stillWebP is a still WebP that golang.org/x/image/webp can read: of an animation, the
// first frame, with its place on the canvas. An alpha that is announced and does not
// come is no more announced, as other decoders do not mind.
func stillWebP(r File) (still io.Reader, place, canvas image.Point, err error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, place, canvas, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, place, canvas, err
	}
	chunks := webpChunks(r, 12, size)
	if len(chunks) == 0 || chunks[0].name != "VP8X" || chunks[0].size != 10 {
		return r, place, canvas, nil
	}
	head := make([]byte, 10)
	if _, err := r.ReadAt(head, chunks[0].at); err != nil {
		return nil, place, canvas, err
	}
	if head[0]&webpAnimated != 0 {
		canvas = image.Pt(1+int24(head[4:]), 1+int24(head[7:]))
		frame := webpChunk{}
		for _, c := range chunks {
			if c.name == "ANMF" && c.size > 16 {
				frame = c
				break
			}
		}
		if frame.size == 0 {
			return nil, place, canvas, errors.New("webp: an animation without a frame")
		}
		about := make([]byte, 16)
		if _, err := r.ReadAt(about, frame.at); err != nil {
			return nil, place, canvas, err
		}
		place = image.Pt(2*int24(about), 2*int24(about[3:]))
		copy(head[4:], about[6:12]) // its size
		if w, h := 1+int24(about[6:]), 1+int24(about[9:]); place.X+w > canvas.X || place.Y+h > canvas.Y {
			return nil, place, canvas, fmt.Errorf("webp: a frame of %d×%d at %d,%d: want it within %d×%d", w, h, place.X, place.Y, canvas.X, canvas.Y)
		}
		chunks = webpChunks(r, frame.at+16, frame.at+frame.size)
	}
	head[0] &^= webpAnimated | webpAlpha
	var body bytes.Buffer
	for _, c := range chunks {
		if c.name != "ALPH" && c.name != "VP8 " && c.name != "VP8L" {
			continue
		}
		if c.name == "ALPH" {
			head[0] |= webpAlpha
		}
		body.WriteString(c.name)
		body.Write(binary.LittleEndian.AppendUint32(nil, uint32(c.size)))
		if _, err := io.Copy(&body, io.NewSectionReader(r, c.at, c.size)); err != nil {
			return nil, place, canvas, err
		}
		body.Write(make([]byte, c.size&1))
		if c.name != "ALPH" {
			break
		}
	}
	file := bytes.NewBufferString("RIFF")
	file.Write(binary.LittleEndian.AppendUint32(nil, uint32(4+18+body.Len())))
	file.WriteString("WEBPVP8X\x0a\x00\x00\x00")
	file.Write(head)
	return io.MultiReader(file, &body), place, canvas, nil
}

func int24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// fromVideo makes colours of luma and chroma in the range of ITU-R 601 for video, in
// the fixed-point numbers of libwebp, and like it interpolates chroma between the
// centres of its samples ("fancy"): the result is libwebp's to the last bit.
func fromVideo(m *image.YCbCr, alpha []uint8, alphaStride int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	cw, ch := (w+1)/2, (h+1)/2
	for y := range h {
		// Three parts are of the nearest row of chroma, one of the next.
		near := y / 2
		far := min(max(near+2*(y&1)-1, 0), ch-1)
		rowY := m.Y[y*m.YStride:]
		pix := out.Pix[y*out.Stride:]
		for x := range w {
			nx := x / 2
			fx := min(max(nx+2*(x&1)-1, 0), cw-1)
			u := interpolated(m.Cb, near*m.CStride, far*m.CStride, nx, fx)
			v := interpolated(m.Cr, near*m.CStride, far*m.CStride, nx, fx)
			l := high(int(rowY[x]), 19077)
			pix[0] = clip8(l + high(v, 26149) - 14234)
			pix[1] = clip8(l - high(u, 6419) - high(v, 13320) + 8708)
			pix[2] = clip8(l + high(u, 33050) - 17685)
			pix[3] = 0xff
			if alpha != nil {
				pix[3] = alpha[y*alphaStride+x]
			}
			pix = pix[4:]
		}
	}
	return out
}

// interpolated is chroma of 9 parts in 16 of the nearest sample, 3 of each of the two
// next, and 1 of the one across, rounded in two steps as libwebp does.
func interpolated(c []uint8, near, far, nx, fx int) int {
	a, b := int(c[near+nx]), int(c[near+fx])
	d, e := int(c[far+nx]), int(c[far+fx])
	if nx == fx {
		return (3*a + d + 2) >> 2
	}
	return ((a+b+d+e+8+2*(b+d))>>3 + a) >> 1
}

func high(v, coefficient int) int { return v * coefficient >> 8 }

func clip8(v int) uint8 { return uint8(min(max(v>>6, 0), 255)) }
