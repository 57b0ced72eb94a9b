package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/explain/draw"
)

// problem is an error that is the request's fault.
type problem struct {
	status int
	text   string
}

func (p problem) Error() string { return p.text }

func badRequest(format string, args ...any) error {
	return problem{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return problem{http.StatusNotFound, fmt.Sprintf(format, args...)}
}

// picture is an answer that is a PNG, not JSON.
type picture struct{ image.Image }

// answer makes a handler of a function that computes. There are as many at work at
// a time as there are processors; the others wait.
func (s *Server) answer(f func(w http.ResponseWriter, r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case s.busy <- struct{}{}:
			defer func() { <-s.busy }()
		case <-r.Context().Done():
			return // nobody waits for it any more
		}
		v, err := f(w, r)
		if err != nil {
			status := http.StatusInternalServerError
			if p, ok := errors.AsType[problem](err); ok {
				status = p.status
			}
			fail(w, status, err.Error())
			return
		}
		if p, ok := v.(picture); ok {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(draw.PNG(p)) // an error is the reader's, who is gone
			return
		}
		body, err := json.Marshal(v)
		if err != nil {
			fail(w, http.StatusInternalServerError, err.Error())
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}
}

func fail(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text})
}

func (s *Server) routes(pages fs.FS) http.Handler {
	mux := http.NewServeMux()
	for path, f := range map[string]func(http.ResponseWriter, *http.Request) (any, error){
		"GET /api/model":                                    s.model,
		"GET /api/atoms.png":                                s.atomPicture,
		"GET /api/atoms/{atom}":                             s.atom,
		"GET /api/map":                                      s.atlas,
		"GET /api/images":                                   s.list,
		"POST /api/images":                                  s.upload,
		"GET /api/images/{image}":                           s.image,
		"GET /api/images/{image}/pixels.png":                s.pixels,
		"GET /api/images/{image}/picture.png":               s.picture,
		"GET /api/images/{image}/neighbours":                s.neighbours,
		"GET /api/images/{image}/patches/{patch}":           s.patch,
		"GET /api/images/{image}/patches/{patch}/tile.png":  s.tile,
		"GET /api/images/{image}/patches/{patch}/threshold": s.threshold,
		"GET /api/pairs/{a}/{b}":                            s.pair,
		"GET /api/pairs/{a}/{b}/heat.png":                   s.heat,
	} {
		mux.Handle(path, s.answer(f))
	}
	files := http.FileServerFS(pages)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			w.Header().Set("Allow", "GET, HEAD")
			fail(w, http.StatusMethodNotAllowed, "nothing at "+r.URL.Path+" takes POST")
		case strings.HasPrefix(r.URL.Path, "/api/"):
			fail(w, http.StatusNotFound, "nothing is at "+r.URL.Path)
		default:
			files.ServeHTTP(w, r)
		}
	})
	return mux
}

// between is a parameter that has to be an integer from low to high, or fallback
// where it is not given.
func between(r *http.Request, name string, low, high, fallback int) (int, error) {
	text := r.FormValue(name)
	if text == "" {
		return fallback, nil
	}
	v, err := strconv.Atoi(text)
	if err != nil || v < low || v > high {
		return 0, badRequest("%s is %q: want %d to %d", name, text, low, high)
	}
	return v, nil
}

// numbered is a part of the path that has to be a number below n.
func numbered(r *http.Request, name string, n int) (int, error) {
	text := r.PathValue(name)
	v, err := strconv.Atoi(text)
	if err != nil || v < 0 || v >= n {
		return 0, notFound("no %s %q: want 0 to %d", name, text, n-1)
	}
	return v, nil
}

// amount is a parameter that has to be a number from low to high, or fallback where
// it is not given.
func amount(r *http.Request, name string, low, high, fallback float64) (float64, error) {
	text := r.FormValue(name)
	if text == "" {
		return fallback, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || v < low || v > high {
		return 0, badRequest("%s is %q: want %g to %g", name, text, low, high)
	}
	return v, nil
}
