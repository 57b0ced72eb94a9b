package server

import (
	"net/http"
	"runtime"
	"sync"
)

// desk is what all servers here have: whom they let in, and what requests may take.
type desk struct {
	o       Options
	handler http.Handler
	early   func() string // how far the preparations are, "" once they are done

	busy     places // of requests that compute, one for each processor
	decoding places // of uploads that are decoded
	bodies   budget // of uploads that are read or wait to be decoded
	asked    sync.WaitGroup
}

// open makes the desk ready for routes.
func (s *desk) open(o Options) {
	s.o = o
	if s.o.Progress == nil {
		s.o.Progress = func(string, int, int) {}
	}
	s.busy = make(places, runtime.GOMAXPROCS(0))
	s.decoding = make(places, 1)
	s.bodies.left.Store(bodyBytes)
}

// ServeHTTP makes a server an http.Handler.
func (s *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	defer s.asked.Done()
	s.handler.ServeHTTP(w, r)
}
