package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math"
	"net/http"
	"strconv"

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

// encoded is an answer that is a PNG already.
type encoded []byte

// drawing is an answer that is a picture in SVG.
type drawing []byte

// pictureFile is an answer that is a picture of a format that its first bytes tell.
type pictureFile []byte

// answer makes a handler of a function that computes. There are as many at work at
// a time as there are processors; the others wait. A place is held neither while a
// body is read nor while an answer is written: both go as fast as who asked.
func (s *desk) answer(f func(r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, kind, err := s.compute(r, f)
		respond(w, body, kind, err)
	}
}

// respond writes what was computed, or why it was not.
func respond(w http.ResponseWriter, body []byte, kind string, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(body) // an error is the reader's, who is gone
}

func (s *desk) compute(r *http.Request, f func(r *http.Request) (any, error)) (body []byte, kind string, err error) {
	if err := s.busy.enter(r.Context()); err != nil {
		return nil, "", err
	}
	defer s.busy.leave()
	v, err := f(r)
	if err != nil {
		return nil, "", err
	}
	switch v := v.(type) {
	case picture:
		return draw.PNG(v), "image/png", nil
	case encoded:
		return v, "image/png", nil
	case page:
		return v, "text/html; charset=utf-8", nil
	case drawing:
		return v, "image/svg+xml", nil
	case pictureFile:
		return v, http.DetectContentType(v), nil
	}
	body, err = json.Marshal(v)
	return body, "application/json", err
}

// refuse answers with an error: its own status if it is a problem, and 503 where the
// work was given up. Whoever has left does not read why.
func refuse(w http.ResponseWriter, err error) {
	if p, ok := errors.AsType[problem](err); ok {
		fail(w, p.status, p.text)
	} else if errors.Is(err, context.Canceled) {
		fail(w, http.StatusServiceUnavailable, "the work was given up: the server is ending")
	} else {
		fail(w, http.StatusInternalServerError, err.Error())
	}
}

func fail(w http.ResponseWriter, status int, text string) {
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, status, map[string]string{"error": text})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// query is a parameter of a request's address, "" if it is not given. The body is not
// looked at, as FormValue would, which reads a form of any size.
func query(r *http.Request, name string) string { return r.URL.Query().Get(name) }

// between is a parameter that has to be an integer from low to high, or fallback
// where it is not given.
func between(r *http.Request, name string, low, high, fallback int) (int, error) {
	text := query(r, name)
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
	text := query(r, name)
	if text == "" {
		return fallback, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || v < low || v > high {
		return 0, badRequest("%s is %q: want %g to %g", name, text, low, high)
	}
	return v, nil
}
