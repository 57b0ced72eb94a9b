package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	uploadBytes = 16 << 20
	// uploadTime is how long a body may take: a photograph of 3 MB needs a line of 400
	// kilobits a second.
	uploadTime = time.Minute
	// bodyBytes is what all bodies being read, or waiting to be decoded, may hold
	// together. What was received counts, not what was announced: a sender that
	// sends slowly holds little.
	bodyBytes = 64 << 20
	bodyFirst = 64 << 10 // the memory that a body begins with
)

// body is whole, of a request whose body is one file.
func (s *desk) body(w http.ResponseWriter, r *http.Request) (file []byte, release func(), err error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); strings.HasPrefix(kind, "multipart/") {
		return nil, nil, problem{http.StatusUnsupportedMediaType, "the body is " + kind + ": want the file alone, as of curl --data-binary @FILE"}
	}
	return s.whole(w, r)
}

// whole reads the whole body of a request, which takes no place from those that
// compute. The bytes are the caller's until it calls release.
func (s *desk) whole(w http.ResponseWriter, r *http.Request) (file []byte, release func(), err error) {
	if r.ContentLength > uploadBytes {
		return nil, nil, tooLarge()
	}
	control := http.NewResponseController(w)
	// Without a connection, as in tests, this is an error and changes nothing. Package
	// http takes the deadline away at the body's end.
	deadline := time.Now().Add(uploadTime)
	_ = control.SetReadDeadline(deadline)
	ended := make(chan struct{})
	stop := context.AfterFunc(r.Context(), func() {
		defer close(ended)
		_ = control.SetReadDeadline(time.Now())
	})
	file, err = s.fill(http.MaxBytesReader(w, r.Body, uploadBytes))
	if !stop() {
		<-ended
	}
	if err != nil {
		s.bodies.give(cap(file))
		if gone := r.Context().Err(); gone != nil && errors.Is(err, os.ErrDeadlineExceeded) && time.Now().Before(deadline) {
			return nil, nil, gone
		}
		return nil, nil, unreadable(err)
	}
	return file, func() { s.bodies.give(cap(file)) }, nil
}

// fill reads to the end, into memory that is taken from the budget as it is needed.
// The slice returned, beside an error too, has taken its capacity.
func (s *desk) fill(r io.Reader) ([]byte, error) {
	var file []byte
	for {
		if len(file) == cap(file) {
			size := max(bodyFirst, 2*cap(file))
			if !s.bodies.take(size) {
				return file, problem{http.StatusServiceUnavailable, "too many bodies are being uploaded at once: try again"}
			}
			small := cap(file)
			file = append(make([]byte, 0, size), file...)
			s.bodies.give(small)
		}
		n, err := r.Read(file[len(file):cap(file)])
		file = file[:len(file)+n]
		switch {
		case err == io.EOF:
			return file, nil
		case err != nil:
			return file, err
		}
	}
}

func tooLarge() error {
	return problem{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d MiB", uploadBytes>>20)}
}

// unreadable is an error of reading a body, which is its sender's fault.
func unreadable(err error) error {
	if _, ok := errors.AsType[problem](err); ok {
		return err
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return problem{http.StatusRequestTimeout, fmt.Sprintf("the body did not arrive within %v", uploadTime)}
	}
	return badRequest("the body cannot be read to its end: %v", err)
}
