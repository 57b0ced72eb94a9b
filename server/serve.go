package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"
)

// What a client may cost. A photograph has a minute to arrive; everything else is
// bounded by what a browser with several windows needs.
const (
	connections  = 256 // at a time: more wait to be accepted
	headerTime   = 5 * time.Second
	readTime     = time.Minute // of a request with its body, where nobody reads the body
	writeTime    = 2 * time.Minute
	idleTime     = 30 * time.Second // between two requests
	headerBytes  = 64 << 10
	farewellTime = 5 * time.Second // for answers under way, at the end
)

// Serve answers requests on l until ctx is done, and returns nil then. Requests under
// way are answered, with an error if they were waiting or still had much to compute.
// Prepare may go on beside it.
func (s *desk) Serve(ctx context.Context, l net.Listener) error {
	work, inner := errgroup.WithContext(ctx)
	unused := &unused{conns: map[net.Conn]struct{}{}}
	h := &http.Server{
		Handler:           s,
		BaseContext:       func(net.Listener) context.Context { return inner },
		ConnState:         unused.note,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerBytes,
	}
	work.Go(func() error {
		if err := h.Serve(netutil.LimitListener(l, connections)); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("server: %w", err)
		}
		return nil
	})
	work.Go(func() error {
		<-inner.Done()
		unused.close()
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewellTime)
		defer cancel()
		err := h.Shutdown(late)
		if errors.Is(err, context.DeadlineExceeded) {
			err = h.Close()
		}
		return err
	})
	if err := work.Wait(); ctx.Err() == nil {
		return err
	}
	return nil
}

// unused are connections on which nothing was asked yet, as browsers open them for
// later. Shutdown would wait some seconds for their first request.
type unused struct {
	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

func (u *unused) note(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state != http.StateNew {
		delete(u.conns, c)
	} else if u.closed {
		_ = c.Close()
	} else {
		u.conns[c] = struct{}{}
	}
}

func (u *unused) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for c := range u.conns {
		_ = c.Close()
	}
}
