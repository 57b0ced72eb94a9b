package report

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"path"

	"github.com/sparse-manifold/smt/explain/draw"
)

// book collects the pictures of a page, which are part of it and files too.
type book struct{ files []file }

// Picture is a picture of a page.
type Picture struct {
	File string // its path in the folder
	tag  template.HTML
}

// Tag is the picture as an element of the page.
func (p *Picture) Tag() template.HTML {
	if p == nil {
		return ""
	}
	return p.tag
}

func (b *book) keep(name string, data []byte) string {
	name = path.Join("pictures", name)
	b.files = append(b.files, file{name, data})
	return name
}

// image adds a raster, enlarged by a factor and shown at that size.
func (b *book) image(name, alt string, im *image.NRGBA, factor int) *Picture {
	if factor > 1 {
		im = draw.Enlarge(im, factor)
	}
	data := draw.PNG(im)
	return &Picture{b.keep(name+".png", data), tag(data, alt, im.Rect.Dx(), im.Rect.Dy())}
}

// tag is an image element that holds its file.
func tag(png []byte, alt string, width, height int) template.HTML {
	return template.HTML(fmt.Sprintf(`<img src="%s" alt="%s" width="%d" height="%d">`,
		dataURI(png), template.HTMLEscapeString(alt), width, height))
}

func dataURI(png []byte) string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)
}

// chart adds a drawing.
func (b *book) chart(name string, c *draw.Chart) *Picture {
	return &Picture{b.keep(name+".svg", c.File()), c.Inline()}
}

// small is a raster of the page that is no file of its own: one of many, whose
// longer side is shown at no more than so many pixels.
func small(alt string, im *image.NRGBA, side int) template.HTML {
	longer := max(im.Rect.Dx(), im.Rect.Dy())
	if longer > side {
		im, longer = draw.Fit(im, side), side
	}
	// The page enlarges it, without smoothing: fewer bytes.
	factor := max(1, side/longer)
	return tag(draw.PNG(im), alt, im.Rect.Dx()*factor, im.Rect.Dy()*factor)
}
