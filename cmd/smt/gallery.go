package main

import (
	"context"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
)

// gallery is a page of what search found. All its pictures are in it.
var gallery = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Images near {{len .}} image{{if ne (len .) 1}}s{{end}}</title>
<style>
:root { color-scheme: light dark; --line: light-dark(#bbb, #555); --quiet: light-dark(#555, #aaa) }
body { font: 15px/1.4 system-ui, sans-serif; margin: 1rem auto; max-width: 70rem; padding: 0 1rem; overflow-wrap: anywhere }
section { border-top: 1px solid var(--line); padding: 1rem 0 }
h2 { font-size: 1.1rem }
ol { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: 1rem }
figure { margin: 0 }
img { width: 8rem; height: 8rem; object-fit: contain; image-rendering: auto; background: light-dark(#eee, #222) }
img.flip { transform: scaleX(-1) }
figcaption { font-size: .85rem }
figcaption span { color: var(--quiet); display: block }
</style>
{{range .}}<section>
<h2>{{.Name}}{{with .Crop}}, the part {{.}}{{end}}</h2>
<img src="{{.Picture}}" alt="the image that is searched for">
<ol>
{{range .Near}}<li><figure><img src="{{.Picture}}" alt="{{.ID}}"{{if .Flip}} class="flip"{{end}}><figcaption>{{.ID}}<span>{{with .Label}}{{.}}, {{end}}cosine {{printf "%.3f" .Cosine}}{{if .Flip}}, its flip{{end}}</span></figcaption></figure></li>
{{end}}</ol>
</section>
{{end}}</html>
`))

// shownNeighbour is a neighbour with its picture.
type shownNeighbour struct {
	neighbour
	Picture template.URL
}

// shownQuery is an image that was searched for, and what was found.
type shownQuery struct {
	Name, Crop string
	Picture    template.URL
	Near       []shownNeighbour
}

// dataURL is a picture within a page.
func dataURL(picture []byte) template.URL {
	return template.URL("data:" + http.DetectContentType(picture) + ";base64," + base64.StdEncoding.EncodeToString(picture))
}

// writeGallery writes the page of what was found.
func (s *searching) writeGallery(ctx context.Context, path string, r *found) error {
	var shown []shownQuery
	for _, q := range r.Queries {
		one := shownQuery{Name: q.Image, Picture: dataURL(q.picture)}
		if q.Crop != nil {
			one.Crop = q.Crop.String()
		}
		for _, n := range q.Neighbours {
			picture, err := s.x.Thumbnail(n.item)
			if err != nil {
				return err
			}
			one.Near = append(one.Near, shownNeighbour{n, dataURL(picture)})
		}
		shown = append(shown, one)
	}
	f, err := s.create(ctx, path)
	if err != nil {
		return err
	}
	if err := gallery.Execute(f, shown); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Commit()
}
