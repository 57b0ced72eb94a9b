package server

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"mime"
	"mime/multipart"
	"net/http"
)

// form is the body of a request that is a form, multipart/form-data, and has come whole.
type form struct {
	body     []byte
	boundary string
}

// isForm says whether a body is said to be a form.
func isForm(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return kind == "multipart/form-data"
}

// form reads a form. want is how curl sends one.
func (s *desk) form(w http.ResponseWriter, r *http.Request, want string) (f *form, release func(), err error) {
	kind, more, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" || more["boundary"] == "" {
		return nil, nil, problem{http.StatusUnsupportedMediaType, "the body is no form: want multipart/form-data, as of curl " + want}
	}
	body, release, err := s.whole(w, r)
	return &form{body, more["boundary"]}, release, err
}

// formPart is a part of a form: a file, or what was typed into a field.
type formPart struct {
	field   string
	file    string // its name, "" for none
	content []byte
}

// name is what to call the image in a part.
func (p *formPart) name() string {
	if p.file == "" {
		return p.field
	}
	return p.file
}

// parts are those of a form. One is held at a time.
func (f *form) parts() iter.Seq2[*formPart, error] {
	return func(yield func(*formPart, error) bool) {
		parts := multipart.NewReader(bytes.NewReader(f.body), f.boundary)
		for n := 1; ; n++ {
			p, err := parts.NextRawPart()
			if err == io.EOF { // not wrapped, as it is where a part is cut off
				return
			}
			var content []byte
			if err == nil {
				content, err = io.ReadAll(p)
			}
			if err != nil {
				yield(nil, badRequest("part %d of the form cannot be read: %v", n, err))
				return
			}
			if !yield(&formPart{p.FormName(), p.FileName(), content}, nil) {
				return
			}
		}
	}
}

// unknown refuses a part whose field has no meaning.
func (p *formPart) unknown(want string) error {
	return badRequest("the form has a field %q: want %s", p.field, want)
}

// again refuses a field that came before.
func (p *formPart) again() error { return badRequest("the form has %q twice: want it once", p.field) }

// of names the field that a problem is with.
func of(field string, err error) error {
	p, is := errors.AsType[problem](err)
	if !is {
		return err
	}
	p.text = field + ": " + p.text
	return p
}
