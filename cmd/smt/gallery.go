package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
)

// pages are those of items that an answer names. All their pictures are in them.
var pages = template.Must(template.New("").Parse(`{{define "head"}}<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.}}</title>
<style>
:root { color-scheme: light dark; --line: light-dark(#bbb, #555); --quiet: light-dark(#555, #aaa); --bar: light-dark(#2b6c9e, #6cb0e0) }
body { font: 15px/1.4 system-ui, sans-serif; margin: 1rem auto; max-width: 70rem; padding: 0 1rem; overflow-wrap: anywhere }
section { border-top: 1px solid var(--line); padding: 1rem 0 }
h1 { font-size: 1.3rem }
h2 { font-size: 1.1rem }
h3 { font-size: 1rem; font-weight: 600; margin: 1.2rem 0 .5rem }
section > img { margin-bottom: 1rem }
ol { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: 1rem }
figure { margin: 0 }
img { width: 8rem; height: 8rem; object-fit: contain; image-rendering: auto; background: light-dark(#eee, #222) }
img.flip { transform: scaleX(-1) }
figcaption { font-size: .85rem }
figcaption span { color: var(--quiet); display: block }
.asked { display: flex; flex-wrap: wrap; gap: 1rem }
.asked table { flex: 1 1 16rem; max-width: 30rem; border-collapse: collapse; align-self: start }
.asked th { font-weight: 400; text-align: left; width: 40% }
.asked tr:first-child th { font-weight: 600 }
.asked td { white-space: nowrap; text-align: right; width: 3.5rem; font-variant-numeric: tabular-nums }
.asked td.bar { width: auto; padding: 0 .5rem; text-align: left }
.asked i { display: block; height: .6rem; background: var(--bar) }
.quiet { color: var(--quiet); margin: 0 0 .5rem }
.atoms { grid-template-columns: repeat(auto-fill, minmax(min(100%, 14rem), 1fr)) }
.atoms figure > div { display: flex; gap: .5rem; align-items: start }
.atoms img { image-rendering: pixelated; width: 100%; height: auto; display: block }
.atoms .atom { flex: none; width: 4rem }
.atoms .where { position: relative; flex: none; width: 8rem }
.where i { position: absolute; border: 1px solid #fff; outline: 1px solid #000 }
</style>
<h1>{{.}}</h1>
{{end}}{{define "items"}}<ol>
{{range .}}<li><figure><img src="{{.Picture}}" alt="{{.ID}}"{{if .Flip}} class="flip"{{end}}><figcaption>{{.ID}}<span>{{.Note}}</span></figcaption></figure></li>
{{end}}</ol>
{{end}}{{define "gallery"}}{{template "head" .Title}}{{range .Sections}}<section>
<h2>{{.Title}}</h2>
{{with .Picture}}<img src="{{.}}" alt="the image that is searched for">
{{end}}{{if not .Items}}<p>None.</p>
{{end}}{{template "items" .Items}}</section>
{{end}}</html>
{{end}}{{define "lead"}}<p class="quiet">{{.}}</p>
{{end}}{{define "verdict"}}<section>
<h2>{{.Image}}</h2>
<div class="asked"><img src="{{.Picture}}" alt="the image that is classified">
<table>
{{range .Classes}}<tr><th scope="row">{{.Name}}</th><td class="bar"><i style="width: {{.Percent}}%"></i></td><td>{{printf "%.1f" .Percent}} %</td></tr>
{{end}}</table></div>
{{with .Speakers}}<h3>Images that speak for {{$.Label}}</h3>
{{template "items" .}}{{end}}{{with .Atoms}}<h3>Atoms that speak for {{$.Label}}</h3>
<p class="quiet">{{$.Sums}}</p>
<ol class="atoms">
{{range .}}<li><figure><div><span class="atom"><img src="{{.Picture}}" alt="{{.Name}}"></span><span class="where"><img src="{{.Seen}}" alt="the image, with frames where {{.Name}} adds the most">{{range .Frames}}<i style="left: {{.X}}%; top: {{.Y}}%; width: {{.Width}}%; height: {{.Height}}%"></i>{{end}}</span></div><figcaption>{{.Name}}<span>{{.Note}}</span></figcaption></figure></li>
{{end}}</ol>
{{end}}</section>
{{end}}`))

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
	if err := pages.ExecuteTemplate(f, "gallery", page); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Commit()
}
