package server

import (
	"io/fs"
	"net/http"
	"net/url"
	"strings"
)

// route is a path of the API.
type route struct {
	pattern string
	handler http.HandlerFunc
	early   bool // it answers before the server is ready
}

// table is the whole API. What is not in it is a file of the page.
func (s *Server) table() []route {
	return []route{
		{"GET /api/status", s.status, true},
		{"GET /api/model", s.answer(s.model), false},
		{"GET /api/atoms.png", s.answer(s.atomPicture), false},
		{"GET /api/atoms/{atom}", s.answer(s.atom), false},
		{"GET /api/map", s.answer(s.mapped), false},
		{"GET /api/map.html", s.mapPage, false},
		{"GET /api/images", s.answer(s.list), false},
		{"POST /api/images", s.upload, false},
		{"GET /api/images/{image}", s.answer(s.image), false},
		{"GET /api/images/{image}/pixels.png", s.answer(s.pixels), false},
		{"GET /api/images/{image}/picture.png", s.answer(s.picture), false},
		{"GET /api/images/{image}/neighbours", s.answer(s.neighbours), false},
		{"GET /api/images/{image}/kept", s.kept, false},
		{"GET /api/images/{image}/patches/{patch}", s.answer(s.patch), false},
		{"GET /api/images/{image}/patches/{patch}/tile.png", s.answer(s.tile), false},
		{"GET /api/images/{image}/patches/{patch}/threshold", s.answer(s.threshold), false},
		{"GET /api/pairs/{a}/{b}", s.answer(s.pair), false},
		{"GET /api/pairs/{a}/{b}/heat.png", s.answer(s.heat), false},
	}
}

// routes are those of a table and, for all else, the files of pages.
func (s *desk) routes(table []route, pages fs.FS) http.Handler {
	mux := http.NewServeMux()
	for _, route := range table {
		mux.HandleFunc(route.pattern, s.fence(route))
	}
	files := http.FileServerFS(pages)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" {
			name = "index.html"
		}
		_, err := fs.Stat(pages, name)
		switch {
		case r.Method == http.MethodPost:
			w.Header().Set("Allow", "GET, HEAD")
			fail(w, http.StatusMethodNotAllowed, "nothing at "+r.URL.Path+" takes POST")
		case err != nil:
			fail(w, http.StatusNotFound, "nothing is at "+r.URL.Path)
		default:
			files.ServeHTTP(w, r)
		}
	})
	return mux
}

// fence lets a request through to a path of the API, unless it comes from a page
// elsewhere, or too early.
func (s *desk) fence(to route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, err := url.ParseQuery(r.URL.RawQuery)
		switch {
		case foreign(r):
			fail(w, http.StatusForbidden, "the request comes from another site")
		case !to.early && s.early() != "":
			fail(w, http.StatusServiceUnavailable, "the server is still preparing: "+s.early())
		case err != nil:
			fail(w, http.StatusBadRequest, "the address cannot be read: "+err.Error())
		default:
			to.handler(w, r)
		}
	}
}
