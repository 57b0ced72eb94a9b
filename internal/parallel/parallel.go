// Package parallel runs independent pieces of work on GOMAXPROCS goroutines.
//
// Which worker gets which piece varies from run to run; callers write results
// to places that depend on the piece alone, so that they never do.
package parallel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Workers is the number of goroutines For uses for n pieces.
func Workers(n int) int { return max(1, min(n, runtime.GOMAXPROCS(0))) }

// For calls piece(worker, i) for every i in [0, n). Pieces are handed out in order. worker, which is
// below Workers(n), tells which scratch space a call may use.
func For(n int, piece func(worker, i int)) {
	_ = ForErr(context.Background(), n, func(w, i int) error { piece(w, i); return nil })
}

// ForErr is For until ctx is done or a call fails. It returns the error of the
// first piece, in order, that failed.
func ForErr(ctx context.Context, n int, piece func(worker, i int) error) error {
	var (
		next   atomic.Int64
		wg     sync.WaitGroup
		mu     sync.Mutex
		failed = n
		first  error
	)
	work := func(w int) {
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			err := ctx.Err()
			if err == nil {
				err = piece(w, i)
			}
			if err != nil {
				mu.Lock()
				if i < failed {
					failed, first = i, err
				}
				mu.Unlock()
				next.Store(int64(n)) // hand out nothing more
				return
			}
		}
	}
	workers := Workers(n)
	for w := 1; w < workers; w++ {
		wg.Go(func() { work(w) })
	}
	work(0)
	wg.Wait()
	return first
}
