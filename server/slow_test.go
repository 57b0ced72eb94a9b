package server

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/pipes"
)

func dial(t *testing.T, p *pipes.Listener) net.Conn {
	t.Helper()
	c, err := p.Dial()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// served runs a server that is ready in a bubble of synctest, where a goroutine left behind is a failure, and calls use with it. Its end, which
// waits for the server's, comes after use where it has not come in it.
func served(t *testing.T, use func(t *testing.T, s *Server, p *pipes.Listener, end func())) {
	t.Helper()
	all := prepared()
	synctest.Test(t, func(t *testing.T) {
		s := unprepared(t) // its channels belong to the bubble
		s.images, s.shape, s.bank, s.atoms, s.patches, s.layout, s.inverter = all.images, all.shape, all.bank, all.atoms, all.patches, all.layout, all.inverter
		close(s.ready)
		p := pipes.New()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Serve(ctx, p) }()
		end := sync.OnceFunc(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
		use(t, s, p, end)
		end()
		if n := len(s.busy) + len(s.decoding) + len(s.inverting); n != 0 {
			t.Errorf("%d places are still taken", n)
		}
		mustHaveAllBack(t, &s.desk)
	})
}

func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

// asked is the answer to a GET on a connection of its own.
func asked(t *testing.T, p *pipes.Listener, path string) int {
	t.Helper()
	c := dial(t, p)
	defer c.Close()
	send(t, c, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	return answered(t, c)
}

func answered(t *testing.T, c net.Conn) int {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		t.Fatal(err)
	}
	return r.StatusCode
}

func uploadOf(file []byte) string {
	return fmt.Sprintf("POST /api/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", len(file), file)
}

// Many clients send their images byte by byte: others are answered, uploads too, and
// in the end the slow ones are.
func TestSlowUploadsHoldNobodyUp(t *testing.T) {
	served(t, func(t *testing.T, s *Server, p *pipes.Listener, _ func()) {
		file := uploadOf(draw.PNG(image.NewGray(image.Rect(0, 0, 30, 30))))
		slow := make([]net.Conn, cap(s.busy)+20)
		for i := range slow {
			slow[i] = dial(t, p)
			send(t, slow[i], file[:len(file)-9])
		}
		for left := 9; left > 0; left-- {
			if status := asked(t, p, "/api/images/test-1/neighbours"); status != http.StatusOK {
				t.Errorf("beside slow uploads: %d", status)
			}
			quick := dial(t, p)
			send(t, quick, file)
			if status := answered(t, quick); status != http.StatusOK {
				t.Errorf("an upload beside slow ones: %d", status)
			}
			_ = quick.Close()
			for _, c := range slow {
				send(t, c, file[len(file)-left:][:1])
			}
		}
		for _, c := range slow {
			if status := answered(t, c); status != http.StatusOK {
				t.Errorf("a slow upload: %d", status)
			}
			_ = c.Close()
		}
	})
}

// Many clients do not read what they asked for: others are answered, and in the end
// the slow ones are.
func TestSlowReadersHoldNobodyUp(t *testing.T) {
	served(t, func(t *testing.T, s *Server, p *pipes.Listener, _ func()) {
		slow := make([]net.Conn, cap(s.busy)+20)
		for i := range slow {
			slow[i] = dial(t, p)
			send(t, slow[i], "GET /api/images/bank-3/neighbours?k=100 HTTP/1.1\r\nHost: localhost\r\n\r\n") // more than is buffered
		}
		synctest.Wait()
		if status := asked(t, p, "/api/images/test-1/neighbours"); status != http.StatusOK {
			t.Errorf("beside slow readers: %d", status)
		}
		for _, c := range slow {
			if status := answered(t, c); status != http.StatusOK {
				t.Errorf("a slow reader: %d", status)
			}
			_ = c.Close()
		}
	})
}

// Who is too slow for the time that there is gets an answer where one can be given,
// and is cut off.
func TestTimes(t *testing.T) {
	served(t, func(t *testing.T, _ *Server, p *pipes.Listener, _ func()) {
		for what, c := range map[string]struct {
			sent   string
			status int // 0 for none
		}{
			"a body that stops":    {"POST /api/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nab", http.StatusRequestTimeout},
			"a header that stops":  {"GET /api/model HTTP/1.1\r\nHost: loc", 0},
			"nothing at all":       {"", 0},
			"nothing after a GET":  {"GET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n", http.StatusOK},
			"a body nobody reads":  {"GET /api/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nab", http.StatusOK},
			"a header without end": {"GET /api/status HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", headerBytes+8192), http.StatusRequestHeaderFieldsTooLarge},
		} {
			conn := dial(t, p)
			go func() { _, _ = io.WriteString(conn, c.sent) }() // not all of it may be read
			in := bufio.NewReader(conn)
			if c.status != 0 {
				r, err := http.ReadResponse(in, nil)
				if err != nil || r.StatusCode != c.status {
					t.Fatalf("%s: %v %v", what, r, err)
				}
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			if _, err := in.ReadByte(); err != io.EOF { // time passes
				t.Errorf("%s: the connection goes on: %v", what, err)
			}
			_ = conn.Close()
		}
	})
}

// Requests whose senders have left come to an end, wherever they are, and leave no
// goroutine, no place taken and no memory.
func TestLeavingLeavesNothing(t *testing.T) {
	served(t, func(t *testing.T, s *Server, p *pipes.Listener, _ func()) {
		var active atomic.Int64
		inner := s.handler
		s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			active.Add(1)
			defer active.Add(-1)
			inner.ServeHTTP(w, r)
		})
		for range cap(s.busy) {
			s.busy <- struct{}{}
		}
		s.decoding <- struct{}{}
		s.inverting <- struct{}{}
		file := uploadOf(draw.PNG(image.NewGray(image.Rect(0, 0, 30, 30))))
		for _, sent := range []string{
			"GET /api/images/test-1/neighbours HTTP/1.1\r\nHost: localhost\r\n\r\n", // waits for a place
			file, // waits for the place of decoding
			"GET /api/images/test-1/kept HTTP/1.1\r\nHost: localhost\r\n\r\n", // for that of inverting
			file[:len(file)-1], // is being read
			"GET /api/images/test-1/neighbours HTTP/1.1\r\nHost: loc",
		} {
			var conns []net.Conn
			for range 50 {
				c := dial(t, p)
				send(t, c, sent)
				conns = append(conns, c)
			}
			synctest.Wait()
			if n := active.Load(); n != 50 && !strings.HasSuffix(sent, "loc") {
				t.Errorf("%d requests are there, want 50", n)
			}
			for _, c := range conns {
				_ = c.Close()
			}
			synctest.Wait()
			if n := active.Load(); n != 0 {
				t.Errorf("%d requests go on after their senders have left", n)
			}
		}
		<-s.decoding
		<-s.inverting
		for range cap(s.busy) {
			<-s.busy
		}
	})
}

// At the end, unused connections and bodies that are still coming are not waited for;
// what waits for a place is told.
func TestEndIsAtOnce(t *testing.T) {
	served(t, func(t *testing.T, s *Server, p *pipes.Listener, end func()) {
		for range cap(s.busy) {
			s.busy <- struct{}{}
		}
		s.inverting <- struct{}{}
		unused, sending, waiting, inverting, kept := dial(t, p), dial(t, p), dial(t, p), dial(t, p), dial(t, p)
		send(t, sending, "POST /api/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nab")
		send(t, waiting, "GET /api/model HTTP/1.1\r\nHost: localhost\r\n\r\n")
		send(t, inverting, "GET /api/images/test-1/kept HTTP/1.1\r\nHost: localhost\r\n\r\n")
		send(t, kept, "GET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if status := answered(t, kept); status != http.StatusOK {
			t.Errorf("the status: %d", status)
		}
		synctest.Wait()
		began := time.Now()
		var all sync.WaitGroup
		all.Go(end)
		for _, c := range []net.Conn{sending, waiting, inverting} {
			if status := answered(t, c); status != http.StatusServiceUnavailable {
				t.Errorf("at the end: %d", status)
			}
		}
		for _, c := range []net.Conn{unused, sending, waiting, inverting, kept} {
			if _, err := c.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("a connection goes on: %v", err)
			}
		}
		all.Wait()
		if now := time.Now(); now.Sub(began) >= farewellTime {
			t.Errorf("the end took %v", now.Sub(began))
		}
		<-s.inverting
		for range cap(s.busy) {
			<-s.busy
		}
	})
}

// Who has sent an image, and waits for longer than sending it may take, has not left.
func TestWaitingIsNotLeaving(t *testing.T) {
	served(t, func(t *testing.T, s *Server, p *pipes.Listener, _ func()) {
		s.decoding <- struct{}{}
		c := dial(t, p)
		send(t, c, uploadOf(draw.PNG(image.NewGray(image.Rect(0, 0, 30, 30)))))
		time.Sleep(uploadTime + readTime/2)
		<-s.decoding
		if status := answered(t, c); status != http.StatusOK {
			t.Errorf("after waiting: %d", status)
		}
		_ = c.Close()
	})
}

// counted is a format of one pixel, whose decoder is the test's.
var counted struct {
	sync.Mutex
	decode func()
}
