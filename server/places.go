package server

import (
	"context"
	"sync/atomic"
)

// places bound how many requests are at something at a time.
type places chan struct{}

// enter waits for a place. It returns ctx's error, and takes none, once ctx is done.
func (p places) enter(ctx context.Context) error {
	select {
	case p <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil { // both were ready
		p.leave()
		return err
	}
	return nil
}

// tryEnter takes a place, if there is one.
func (p places) tryEnter() bool {
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

func (p places) leave() { <-p }

// budget is bytes of memory that requests share.
type budget struct{ left atomic.Int64 }

// take takes n bytes, or none where fewer are left.
func (b *budget) take(n int) bool {
	if b.left.Add(-int64(n)) < 0 {
		b.give(n)
		return false
	}
	return true
}

func (b *budget) give(n int) { b.left.Add(int64(n)) }
