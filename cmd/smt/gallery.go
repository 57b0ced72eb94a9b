package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
)

// gallery is a page of items that an answer names. All its pictures are in it.
var gallery = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
:root { color-scheme: light dark; --line: light-dark(#bbb, #555); --quiet: light-dark(#555, #aaa) }
body { font: 15px/1.4 system-ui, sans-serif; margin: 1rem auto; max-width: 70rem; padding: 0 1rem; overflow-wrap: anywhere }
section { border-top: 1px solid var(--line); padding: 1rem 0 }
h1 { font-size: 1.3rem }
h2 { font-size: 1.1rem }
section > img { margin-bottom: 1rem }
ol { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: 1rem }
figure { margin: 0 }
img { width: 8rem; height: 8rem; object-fit: contain; image-rendering: auto; background: light-dark(#eee, #222) }
img.flip { transform: scaleX(-1) }
figcaption { font-size: .85rem }
figcaption span { color: var(--quiet); display: block }
</style>
<h1>{{.Title}}</h1>
{{range .Sections}}<section>
<h2>{{.Title}}</h2>
{{with .Picture}}<img src="{{.}}" alt="the image that is searched for">
{{end}}{{if not .Items}}<p>None.</p>
{{end}}<ol>
{{range .Items}}<li><figure><img src="{{.Picture}}" alt="{{.ID}}"{{if .Flip}} class="flip"{{end}}><figcaption>{{.ID}}<span>{{.Note}}</span></figcaption></figure></li>
{{end}}</ol>
</section>
{{end}}</html>
`))

// galleryPage is what a gallery shows.
type galleryPage struct {
	Title    string
	Sections []gallerySection
}

// gallerySection is items that belong together.
type gallerySection struct {
	Title   string
	Picture template.URL // of what was asked for, "" for nothing
	Items   []galleryItem
}

// galleryItem is an item with its picture.
type galleryItem struct {
	ID, Note string
	Flip     bool
	Picture  template.URL
}

// dataURL is a picture within a page.
func dataURL(picture []byte) template.URL {
	return template.URL("data:" + http.DetectContentType(picture) + ";base64," + base64.StdEncoding.EncodeToString(picture))
}

// galleryOf is the page of what search found.
func (s *searching) galleryOf(r *found) (*galleryPage, error) {
	page := &galleryPage{Title: "Images near " + numberOf(len(r.Queries), "image")}
	for i, q := range r.Queries {
		section := gallerySection{Title: q.Image, Picture: dataURL(r.pictures[i])}
		if q.Crop != nil {
			section.Title += ", the part " + s.crop.String()
		}
		for _, n := range q.Neighbours {
			picture, err := s.x.Thumbnail(n.Number)
			if err != nil {
				return nil, err
			}
			note := fmt.Sprintf("cosine %.3f", n.Cosine)
			if n.Label != "" {
				note = n.Label + ", " + note
			}
			if n.Flip {
				note += ", its flip"
			}
			section.Items = append(section.Items, galleryItem{n.ID, note, n.Flip, dataURL(picture)})
		}
		page.Sections = append(page.Sections, section)
	}
	return page, nil
}

// writeGallery writes a page to a file.
func (a *app) writeGallery(ctx context.Context, path string, page *galleryPage) error {
	f, err := a.create(ctx, path)
	if err != nil {
		return err
	}
	if err := gallery.Execute(f, page); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Commit()
}
