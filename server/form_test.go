package server

import (
	"bytes"
	"errors"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// formOf writes a form, and tells its type.
func formOf(parts ...formPart) (body []byte, kind string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		says := map[string]string{"name": p.field}
		if p.file != "" {
			says["filename"] = p.file
		}
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {mime.FormatMediaType("form-data", says)}})
		must(err)
		_, err = part.Write(p.content)
		must(err)
	}
	must(w.Close())
	return b.Bytes(), w.FormDataContentType()
}

// sendForm sends a form to a path.
func sendForm(s http.Handler, path string, parts ...formPart) *httptest.ResponseRecorder {
	body, kind := formOf(parts...)
	r := httptest.NewRequest("POST", path, bytes.NewReader(body))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// A form that was written is read.
func TestFormRoundTrip(t *testing.T) {
	name := rapid.StringMatching(`[a-z0-9 .äß]{1,8}`)
	one := rapid.Custom(func(t *rapid.T) formPart {
		p := formPart{field: name.Draw(t, "field"), content: rapid.SliceOf(rapid.Byte()).Draw(t, "content")}
		if rapid.Bool().Draw(t, "a file") {
			p.file = "x" + name.Draw(t, "file")
		}
		return p
	})
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOf(one).Draw(t, "parts")
		body, kind := formOf(want...)
		_, boundary, _ := strings.Cut(kind, "boundary=")
		n := 0
		for p, err := range (&form{body, boundary}).parts() {
			if err != nil {
				t.Fatal(err)
			}
			if w := want[n]; p.field != w.field || p.file != w.file || !bytes.Equal(p.content, w.content) {
				t.Fatalf("part %d is %+v, want %+v", n, p, w)
			}
			n++
		}
		if n != len(want) {
			t.Fatalf("%d parts, want %d", n, len(want))
		}
	})
}

// Whatever the bytes, a form is refused as the sender's fault, or has no more in its parts than came.
func FuzzForm(f *testing.F) {
	body, kind := formOf(formPart{"a", "a.png", []byte("x")}, formPart{field: "b"})
	_, boundary, _ := strings.Cut(kind, "boundary=")
	f.Add(body, boundary)
	f.Add(body[:len(body)/2], boundary)
	f.Add([]byte("--x\r\n\r\n"), "x")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		n := 0
		for p, err := range (&form{body, boundary}).parts() {
			if err != nil {
				if fault, is := errors.AsType[problem](err); !is || fault.status != http.StatusBadRequest {
					t.Error(err)
				}
				return
			}
			n += len(p.content)
		}
		if n > len(body) {
			t.Errorf("%d bytes in parts of %d", n, len(body))
		}
	})
}
