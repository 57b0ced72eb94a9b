package video

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/sparse-manifold/smt/internal/regular"
)

// ffmpeg reads the frames that the program of that name writes to a pipe, as y4m.
type ffmpeg struct {
	*y4m
	ctx  context.Context
	cmd  *exec.Cmd
	stop context.CancelFunc
	said *said
	over bool // its end was looked at
}

// openFFmpeg has ffmpeg decode the file at path. It ends when ctx is done, or by Close.
func openFFmpeg(ctx context.Context, path string) (Reader, error) {
	f, _, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	_ = f.Close() // it was opened to see that it can be
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		return nil, errors.New("ffmpeg, which reads such files, is not installed: install it, or give a folder of images, an animated GIF or a .y4m file")
	}
	ctx, stop := context.WithCancel(ctx)
	p := &ffmpeg{ctx: ctx, stop: stop, said: new(said)}
	// "file:" has no name be taken for an option or an address. What cannot be decoded ends it.
	p.cmd = exec.CommandContext(ctx, program, "-nostdin", "-hide_banner", "-loglevel", "error", "-xerror",
		"-protocol_whitelist", "file,pipe", "-i", "file:"+path,
		"-map", "0:v:0", "-f", "yuv4mpegpipe", "-pix_fmt", "yuv444p", "-")
	p.cmd.Stderr = p.said
	p.cmd.WaitDelay = 5 * time.Second // once it is killed, for its pipes
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("ffmpeg: %w", err)
	}
	if p.y4m, err = newY4M(bufio.NewReaderSize(until{ctx, out}, 1<<20)); err != nil {
		return nil, errors.Join(p.end(err), p.Close())
	}
	return p, nil
}

func (p *ffmpeg) Next() (Frame, error) {
	f, err := p.y4m.Next()
	if err != nil {
		return nil, p.end(err)
	}
	return f, nil
}

// end is the error that the stream ended with: where that is too early, what the program said.
func (p *ffmpeg) end(err error) error {
	early := errors.Is(err, io.ErrUnexpectedEOF)
	if err != io.EOF && !early {
		p.stop() // it may wait for someone who reads on
	}
	p.over = true
	failed := p.cmd.Wait()
	switch {
	case p.ctx.Err() != nil && (early || err == io.EOF): // it was killed
		return p.ctx.Err()
	case failed != nil && (early || err == io.EOF):
		return fmt.Errorf("ffmpeg: %s", p.said.text(failed))
	case p.said.Len() > 0: // of some files that break off it says so, and ends as if they were whole
		return fmt.Errorf("ffmpeg: %s", p.said.text(err))
	}
	return err
}

// Close ends the program, if it has not.
func (p *ffmpeg) Close() error {
	p.stop()
	if !p.over {
		p.over = true
		_ = p.cmd.Wait() // that it was killed is no news
	}
	return nil
}

// said keeps the first bytes of what a program says.
type said struct{ bytes.Buffer }

func (s *said) Write(b []byte) (int, error) {
	const most = 1 << 12
	if left := most - s.Len(); left > 0 {
		s.Buffer.Write(b[:min(len(b), left)])
	}
	return len(b), nil
}

// text is that in one line, or how the program ended if it said nothing.
func (s *said) text(failed error) string {
	if words := strings.Join(strings.Fields(s.String()), " "); words != "" {
		return words
	}
	return failed.Error()
}
