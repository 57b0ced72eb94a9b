package output

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// through is a device or a FIFO, which is written as it is.
type through struct {
	ctx    context.Context
	path   string
	f      *os.File // nil for a FIFO that nobody reads yet
	stop   func() bool
	closed bool
}

func writeThrough(ctx context.Context, path string, info fs.FileInfo) (File, error) {
	t := &through{ctx: ctx, path: path}
	fifo := info.Mode()&fs.ModeNamedPipe != 0
	// Without a reader a FIFO is left for later: by the first bytes there may be one.
	if err := t.open(fifo); err != nil && !(fifo && errors.Is(err, syscall.ENXIO)) {
		return nil, unwritable(path, err)
	}
	return t, nil
}

func (t *through) open(fifo bool) error {
	mode := os.O_WRONLY
	if fifo {
		mode |= syscall.O_NONBLOCK // else it waits, and no signal ends that
	}
	f, err := os.OpenFile(t.path, mode, 0)
	if err != nil {
		return err
	}
	t.f = f
	// A reader that stops to read would hold the process as well.
	t.stop = context.AfterFunc(t.ctx, func() { _ = f.SetWriteDeadline(time.Unix(1, 0)) })
	return nil
}

// errUnread is what a FIFO without reader is to whoever cannot be told to stop waiting.
var errUnread = errors.New("it is a FIFO that nobody reads")

// await waits for the reader of a FIFO, as long as something can end that.
func (t *through) await() error {
	for t.f == nil {
		err := t.open(true)
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.ENXIO) {
			return unwritable(t.path, err)
		}
		if t.ctx.Done() == nil {
			return unwritable(t.path, errUnread)
		}
		select {
		case <-t.ctx.Done():
			return unwritable(t.path, t.ctx.Err())
		case <-time.After(20 * time.Millisecond): // the system tells of no reader's coming
		}
	}
	return nil
}

func (t *through) Write(b []byte) (int, error) {
	if t.closed {
		return 0, unwritable(t.path, fs.ErrClosed)
	}
	if err := t.await(); err != nil {
		return 0, err
	}
	n, err := t.f.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = t.ctx.Err()
	}
	if err != nil {
		err = unwritable(t.path, err)
	}
	return n, err
}

func (t *through) Commit() error {
	if t.closed {
		return unwritable(t.path, fs.ErrClosed)
	}
	if err := t.await(); err != nil {
		return errors.Join(err, t.Abort())
	}
	if err := t.Abort(); err != nil {
		return unwritable(t.path, err)
	}
	return nil
}

func (t *through) Abort() error {
	if t.closed {
		return nil
	}
	t.closed = true
	if t.f == nil {
		return nil
	}
	t.stop()
	return t.f.Close()
}
