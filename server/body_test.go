package server

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
)

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// declaring is a PNG of one pixel that declares w × h of them, of 16 bits, and is as
// long as one of them could be.
func declaring(w, h int) []byte {
	file := draw.PNG(image.NewNRGBA(image.Rect(0, 0, 1, 1)))
	head := file[12:29] // its type, and what it says
	binary.BigEndian.PutUint32(head[4:], uint32(w))
	binary.BigEndian.PutUint32(head[8:], uint32(h))
	head[12], head[13] = 16, 6
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(head))
	return append(file, make([]byte, 8<<10)...)
}

func TestUploadsRefused(t *testing.T) {
	half := draw.PNG(image.NewGray(image.Rect(0, 0, 60, 60)))
	for _, c := range []struct {
		name   string
		kind   string
		body   io.Reader
		status int
		says   string
	}{
		{"nothing", "", nil, 415, "no image"},
		{"text", "image/png", strings.NewReader("hello"), 415, "no image"},
		{"half an image", "", bytes.NewReader(half[:len(half)/2]), 415, "no image"},
		{"the file of the issue", "", bytes.NewReader(declaring(6300, 6300)), 413, "6300×6300 pixels: want at most 24576000"},
		{"one row too many", "", bytes.NewReader(declaring(4096, 6001)), 413, "4096×6001"},
		{"just few enough", "", bytes.NewReader(declaring(4096, 6000)), 415, "no image"}, // its pixels are missing
		{"more than any number counts", "", bytes.NewReader(declaring(1<<31-1, 1<<31-1)), 415, "overflow"},
		{"too many bytes", "", io.LimitReader(zeros{}, uploadBytes+1), 413, "16 MiB"},
		{"a form", "multipart/form-data; boundary=x", strings.NewReader("--x\r\n"), 415, "--data-binary"},
	} {
		w := example(prepared(), route{pattern: "POST /api/images"}, func(*http.Request) *http.Request {
			r := httptest.NewRequest("POST", "/api/images", c.body)
			r.Host = "localhost"
			r.Header.Set("Content-Type", c.kind)
			return r
		})
		mustRefuse(t, c.name, w, c.status, c.says)
	}
	mustHaveAllBack(t, &prepared().desk)
}

// A body that has come whole and is no image that can be read is refused alike in every format: cut
// off anywhere, or damaged where the format begins. The files are one or more of each.
func TestDamagedImagesAreRefusedAlike(t *testing.T) {
	files, err := filepath.Glob("../dataset/testdata/pillow/*.*")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	ends := map[string]bool{}
	for _, name := range files {
		if filepath.Ext(name) == ".json" { // what the others are
			continue
		}
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		damaged := slices.Clone(file)
		damaged[0] ^= 0xff
		for what, body := range map[string][]byte{"of one byte": file[:1], "cut in its header": file[:12], "cut to a third": file[:len(file)/3], "with another beginning": damaged} {
			w := ask("POST", "/api/images", bytes.NewReader(body))
			mustRefuse(t, filepath.Base(name)+" "+what, w, http.StatusUnsupportedMediaType, "no image that can be read")
		}
		if w := ask("POST", "/api/images", bytes.NewReader(file)); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		ends[filepath.Ext(name)] = true
	}
	for _, end := range []string{".bmp", ".gif", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif", ".webp"} {
		if !ends[end] {
			t.Errorf("none of the files is %s", end)
		}
	}
}

// A file that only declares many pixels costs none of them.
func TestPixelsAreBoundedBeforeDecoding(t *testing.T) {
	file := declaring(6300, 6300)
	refusal := memorytest.Least(func() {
		mustRefuse(t, "too large", ask("POST", "/api/images", bytes.NewReader(file)), 413, "6300×6300")
	})
	if refusal > 6300*6300/100 {
		t.Errorf("a refusal took %d bytes", refusal)
	}
}

// The pixels of a large image are given back before the next one is decoded: their
// number at a time is bounded, not only at each.
func TestPixelsAreGivenBack(t *testing.T) {
	large := draw.PNG(image.NewNRGBA64(image.Rect(0, 0, 2000, 2000)))
	var before, after runtime.MemStats
	for range 3 {
		runtime.GC()
		runtime.ReadMemStats(&before)
		if w := ask("POST", "/api/images", bytes.NewReader(large)); w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		runtime.ReadMemStats(&after)
		if got := int64(after.HeapAlloc) - int64(before.HeapAlloc); got > 2000*2000 {
			t.Errorf("after an image of 32 MB, %d bytes more are in use", got)
		}
	}
}

// raw sends bytes and, with cut, an end after them: where they are all that a request
// needs, an end would say that its sender has left.
func raw(t *testing.T, address string, sent []byte, cut bool) (status int, answer map[string]any) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() { // the answer may come before the end, and end the connection
		_, _ = c.Write(sent)
		if cut {
			_ = c.(*net.TCPConn).CloseWrite()
		}
	}()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || r.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v: %v", r.StatusCode, r.Header, err)
	}
	return r.StatusCode, answer
}

// A body that cannot be read to its end is its sender's fault.
func TestBrokenBodies(t *testing.T) {
	server := httptest.NewServer(prepared())
	defer server.Close()
	address := server.Listener.Addr().String()
	file := string(draw.PNG(image.NewGray(image.Rect(0, 0, 60, 60))))
	chunk := func(s string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(s), s) }
	for _, c := range []struct {
		name, headers, body string
		status              int
		says                string
	}{
		{"whole", "Content-Length: " + fmt.Sprint(len(file)), file, 200, ""},
		{"whole, in chunks", "Transfer-Encoding: chunked", chunk(file[:50]) + chunk(file[50:]) + chunk(""), 200, ""},
		{"shorter than it says", "Content-Length: 100000", file, 400, "unexpected EOF"},
		{"longer than it says", "Content-Length: 50", file, 415, "no image"},
		{"nothing of what it says", "Content-Length: 9", "", 400, "unexpected EOF"},
		{"no number of bytes", "Transfer-Encoding: chunked", "zz\r\n" + file, 400, "invalid byte in chunk length"},
		{"a number of bytes too long", "Transfer-Encoding: chunked", strings.Repeat("f", 17) + "\r\n" + file, 400, "chunk length too large"},
		{"a chunk without its end", "Transfer-Encoding: chunked", "3\r\nabcdef\r\n0\r\n\r\n", 400, "malformed chunked encoding"},
		{"an end in a chunk", "Transfer-Encoding: chunked", "ffff\r\n" + file, 400, "unexpected EOF"},
		{"an end after a chunk", "Transfer-Encoding: chunked", chunk(file), 400, "unexpected EOF"},
		{"no end of the line", "Transfer-Encoding: chunked", strings.Repeat("0", 5000), 400, ""},
		{"more bytes than are read", "Content-Length: " + fmt.Sprint(uploadBytes+1), "", 413, "16 MiB"},
		{"more bytes in chunks", "Transfer-Encoding: chunked", chunk(strings.Repeat("a", uploadBytes+1)) + chunk(""), 413, "16 MiB"},
		{"a form cut off", "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000", "--x\r\nContent-Disp", 415, "multipart/form-data"},
	} {
		status, answer := raw(t, address, []byte("POST /api/images HTTP/1.1\r\nHost: "+address+"\r\nConnection: close\r\n"+c.headers+"\r\n\r\n"+c.body), c.status == http.StatusBadRequest)
		if status != c.status || c.says != "" && !strings.Contains(fmt.Sprint(answer["error"]), c.says) {
			t.Errorf("%s: %d %v, want %d and %q", c.name, status, answer, c.status, c.says)
		}
	}
	server.Close() // waits for the requests
	mustHaveAllBack(t, &prepared().desk)
}

// Bodies of all requests together take no more than they may, and give all of it back.
func TestBodiesShareTheirMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &Server{}
		total := rapid.IntRange(0, 2*uploadBytes).Draw(t, "total")
		s.bodies.left.Store(int64(total))
		size := rapid.IntRange(0, uploadBytes).Draw(t, "size")
		file, err := s.fill(io.LimitReader(zeros{}, int64(size)))
		if got := total - cap(file); s.bodies.left.Load() != int64(got) {
			t.Fatalf("%d bytes are left of %d beside a body of %d", s.bodies.left.Load(), total, cap(file))
		}
		// Its memory is twice its bytes at most, and while it grows half as much again.
		if enough := total >= 3*max(size, bodyFirst); err == nil && len(file) != size || err != nil && enough {
			t.Fatalf("%d bytes of %d, with %d left: %v", len(file), size, total, err)
		}
	})
	s := unprepared(t)
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.bodies.left.Store(bodyFirst - 1)
	mustRefuse(t, "no memory left", example(s, route{pattern: "POST /api/images"}, nil), http.StatusServiceUnavailable, "too many")
}

func FuzzUpload(f *testing.F) {
	f.Add(draw.PNG(image.NewGray(image.Rect(0, 0, 60, 60))))
	f.Add(declaring(6300, 6300))
	f.Add([]byte("hello"))
	f.Fuzz(func(t *testing.T, file []byte) {
		w := ask("POST", "/api/images", bytes.NewReader(file))
		if w.Code != 200 && w.Code != 413 && w.Code != 415 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
