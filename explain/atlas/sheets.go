package atlas

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	_ "image/png" // thumbnails are PNG or JPEG
	"io"

	"image/jpeg"

	"golang.org/x/image/draw"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// Tiles are the sizes that thumbnails may be brought to, in pixels: whole blocks of a JPEG, so that a tile
// has nothing of the one beside it.
var Tiles = []int{16, 32, 48, 64, 96}

const (
	sheetSide     = 1024     // pixels of a sheet, at most
	quality       = 80       // of its JPEG
	overviewTile  = 32       // pixels of a tile of the overview
	overviewItems = 4096     // the items it has, at most
	defaultPixels = 64 << 20 // of all tiles, for defaultTile
)

// defaultTile is the largest of Tiles that keeps a page of the items below some tens of megabytes, and
// no larger than their thumbnails need.
func defaultTile(items Items) (int, error) {
	largest := 0
	for i := range min(items.Len(), 100) {
		b, err := items.Thumbnail(i)
		if err != nil {
			return 0, err
		}
		c, _, err := image.DecodeConfig(bytes.NewReader(b))
		if err != nil {
			return 0, fmt.Errorf("thumbnail %d: %w", i, err)
		}
		largest = max(largest, c.Width, c.Height)
	}
	tile := Tiles[0]
	for _, t := range Tiles {
		if items.Len()*t*t <= defaultPixels && tile < largest {
			tile = t
		}
	}
	return tile, nil
}

// perSheet is how many tiles are in a row of a sheet, and in a column.
func perSheet(tile int) int { return sheetSide / tile }

// thumbnail is the picture of an item, brought into a square of so many pixels without stretching, from its upper
// left corner.
func thumbnail(items Items, i, tile int) (*image.RGBA, error) {
	b, err := items.Thumbnail(i)
	if err != nil {
		return nil, err
	}
	im, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("thumbnail %d: %w", i, err)
	}
	size := im.Bounds().Size()
	longer := max(size.X, size.Y)
	w, h := max(1, size.X*tile/longer), max(1, size.Y*tile/longer)
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	scale := draw.Interpolator(draw.CatmullRom)
	if longer < tile {
		scale = draw.NearestNeighbor // small images stay what they are
	}
	scale.Scale(out, out.Bounds(), im, im.Bounds(), draw.Src, nil)
	return out, nil
}

// sheet is the JPEG of tiles side by side, in rows of so many, and the size of each picture.
func sheet(ctx context.Context, items Items, numbers []int, tile, columns int) (jpg []byte, sizes [][2]uint8, err error) {
	rows := (len(numbers) + columns - 1) / columns
	out := image.NewRGBA(image.Rect(0, 0, min(columns, len(numbers))*tile, rows*tile))
	sizes = make([][2]uint8, len(numbers))
	err = parallel.ForErr(ctx, len(numbers), func(_, k int) error {
		im, err := thumbnail(items, numbers[k], tile)
		if err != nil {
			return err
		}
		sizes[k] = [2]uint8{uint8(im.Rect.Dx()), uint8(im.Rect.Dy())}
		at := image.Pt(k%columns*tile, k/columns*tile)
		r := im.Rect.Add(at)
		draw.Draw(out, r, im, image.Point{}, draw.Src)
		// What is beside a picture that is no square repeats its edge, so that no other colour comes in.
		for x := r.Max.X; x < at.X+tile; x++ {
			draw.Draw(out, image.Rect(x, r.Min.Y, x+1, r.Max.Y), im, image.Pt(im.Rect.Dx()-1, 0), draw.Src)
		}
		for y := r.Max.Y; y < at.Y+tile; y++ {
			draw.Draw(out, image.Rect(at.X, y, at.X+tile, y+1), out, image.Pt(at.X, r.Max.Y-1), draw.Src)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer
	err = jpeg.Encode(&b, out, &jpeg.Options{Quality: quality})
	return b.Bytes(), sizes, err
}

// script is an element of the page that holds data which the scripts read.
func script(w io.Writer, id string, data []byte) error {
	if _, err := fmt.Fprintf(w, "<script type=\"text/plain\" id=%q>", id); err != nil {
		return err
	}
	enc := base64.NewEncoder(base64.StdEncoding, w)
	if _, err := enc.Write(data); err != nil {
		return err
	}
	if err := enc.Close(); err != nil {
		return err
	}
	_, err := io.WriteString(w, "</script>\n")
	return err
}
