package video

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
)

// film makes a lossless film of gray frames with ffmpeg, and skips the test where that is not installed.
func film(t *testing.T, frames int) string {
	t.Helper()
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed")
	}
	dir := t.TempDir()
	raw := put(t, dir, "raw.y4m", func(w io.Writer) error {
		if _, err := fmt.Fprintf(w, "YUV4MPEG2 W32 H16 F25:1 Ip A1:1 C444\n"); err != nil {
			return err
		}
		for i := range frames {
			b := []byte("FRAME\n")
			for k := range 3 * 32 * 16 {
				b = append(b, byte(16+(i*7+k%32)%200))
			}
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
		return nil
	})
	// A name like an option, or an address, is that of a file.
	out := filepath.Join(dir, "-i http: film.mkv")
	if b, err := exec.Command(program, "-nostdin", "-loglevel", "error", "-i", raw, "-c:v", "ffv1", "file:"+out).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return out
}

// What ffmpeg decodes is what the film was made of.
func TestFFmpeg(t *testing.T) {
	path := film(t, 30)
	shape := dataset.Shape{Height: 16, Width: 32, Channels: 3}
	ctx := context.Background()
	got, err := Load(ctx, []Clip{{Name: "film", Path: path}}, shape, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Load(ctx, []Clip{{Name: "raw", Path: filepath.Join(filepath.Dir(path), "raw.y4m")}}, shape, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Len() != 30 || !slices.Equal(got.pix, want.pix) {
		t.Errorf("%d frames, the same pixels: %v", got.Len(), slices.Equal(got.pix, want.pix))
	}
}

// A film that is cut short, or is none, is refused in ffmpeg's words; closing or cancelling ends the program.
func TestFFmpegEnds(t *testing.T) {
	path := film(t, 400)
	ctx := context.Background()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{"cut.mkv": b[:len(b)/2], "none.mp4": []byte("no film")} {
		bad := filepath.Join(dir, name)
		if err := os.WriteFile(bad, content, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Load(ctx, []Clip{{Name: name, Path: bad}}, dataset.Shape{Height: 2, Width: 2, Channels: 1}, nil)
		if err == nil || !strings.Contains(err.Error(), name+": ffmpeg: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for _, cancelled := range []bool{false, true} {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		r, err := Clip{Name: "film", Path: path}.Open(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		program := r.(named).Reader.(*ffmpeg)
		if cancelled {
			cancel()
			for err == nil {
				_, err = r.Next()
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if program.cmd.ProcessState == nil {
			t.Error("the program was left running")
		}
	}
}

// Without the program the error says what to do.
func TestNoFFmpeg(t *testing.T) {
	path := put(t, t.TempDir(), "film.mp4", text("x"))
	t.Setenv("PATH", t.TempDir())
	_, err := Clip{Name: "film.mp4", Path: path}.Open(context.Background())
	if err == nil || !strings.Contains(err.Error(), "film.mp4: ffmpeg, which reads such files, is not installed: install it") {
		t.Error(err)
	}
}
