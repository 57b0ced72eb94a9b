package parallel

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// onWorkers runs f on one worker and on several.
func onWorkers(t *testing.T, f func(t *testing.T)) {
	for _, workers := range []int{1, 2, 7} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
			f(t)
		})
	}
}

func TestWorkers(t *testing.T) {
	onWorkers(t, func(t *testing.T) {
		most := runtime.GOMAXPROCS(0)
		for n := range most + 3 {
			if got, want := Workers(n), max(1, min(n, most)); got != want {
				t.Errorf("%d workers for %d pieces, want %d", got, n, want)
			}
		}
	})
}

// Every piece is done once, by a worker that there is, and a worker does one at a time.
func TestForDoesEveryPieceOnce(t *testing.T) {
	onWorkers(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.IntRange(0, 300).Draw(t, "n")
			done := make([]int, n) // each written by whoever does the piece: the race detector looks on
			busy := make([]bool, Workers(n))
			For(n, func(w, i int) {
				if w < 0 || w >= len(busy) {
					t.Errorf("piece %d of %d: worker %d of %d", i, n, w, len(busy))
					return
				}
				if busy[w] {
					t.Errorf("piece %d: worker %d is at another one", i, w)
				}
				busy[w] = true
				done[i]++
				busy[w] = false
			})
			for i, times := range done {
				if times != 1 {
					t.Fatalf("piece %d of %d was done %d times", i, n, times)
				}
			}
		})
	})
}

// As many pieces as there are workers run at once, each with a number of its own.
func TestWorkersAtOnce(t *testing.T) {
	const n = 3
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	var all sync.WaitGroup
	all.Add(n)
	workers := make([]int, n) // of each piece
	For(n, func(w, i int) {
		workers[i] = w
		all.Done()
		all.Wait()
	})
	if slices.Sort(workers); !slices.Equal(workers, []int{0, 1, 2}) {
		t.Errorf("pieces at once were done by workers %v", workers)
	}
}

// Pieces are handed out in order: when one begins, all before it have begun, so that a
// worker sees only larger ones.
func TestPiecesAreHandedOutInOrder(t *testing.T) {
	onWorkers(t, func(t *testing.T) {
		const n = 500
		seen := make([][]int, Workers(n))
		For(n, func(w, i int) { seen[w] = append(seen[w], i) })
		for w, pieces := range seen {
			if !slices.IsSorted(pieces) {
				t.Errorf("worker %d did %v", w, pieces)
			}
		}
	})
}

func TestNoPieces(t *testing.T) {
	called := false
	if err := ForErr(t.Context(), 0, func(_, _ int) error { called = true; return errors.New("called") }); err != nil || called {
		t.Errorf("error %v, called %v", err, called)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ForErr(ctx, 0, func(_, _ int) error { return nil }); err != nil {
		t.Errorf("nothing to do and cancelled: error %v", err)
	}
}

// Of the pieces that fail, the first in order tells, whichever failed first in time.
func TestTheFirstErrorInOrder(t *testing.T) {
	onWorkers(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.IntRange(1, 100).Draw(t, "n")
			fails := rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 1, n, rapid.ID[int]).Draw(t, "pieces that fail")
			err := ForErr(context.Background(), n, func(_, i int) error {
				if slices.Contains(fails, i) {
					return fmt.Errorf("piece %d", i)
				}
				return nil
			})
			// Pieces before the first that fails succeed, and it is handed out before
			// any later one, so that it is done whatever happens to those.
			if want := fmt.Sprintf("piece %d", slices.Min(fails)); err == nil || err.Error() != want {
				t.Fatalf("error %v, want %s", err, want)
			}
		})
	})
}

// The same of two pieces that both fail, the later one first in time, and the other way round.
func TestTheFirstErrorInOrderNotInTime(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	for ahead := range 2 { // the worker that does piece 2; worker 1 fails first
		synctest.Test(t, func(t *testing.T) {
			second, third := make(chan struct{}), make(chan struct{})
			var both sync.WaitGroup
			both.Add(2)
			err := ForErr(t.Context(), 4, func(w, i int) error {
				switch i {
				case 2:
					close(second)
					<-third
				case 3:
					close(third)
				default:
					both.Done()
					both.Wait()
					if w != ahead {
						<-second
					}
					return nil
				}
				if w == 0 {
					synctest.Wait() // until worker 1 is gone
				}
				return fmt.Errorf("piece %d", i)
			})
			if err == nil || err.Error() != "piece 2" {
				t.Errorf("worker %d ahead: error %v, want that of piece 2", ahead, err)
			}
		})
	}
}

// After a failure nothing more is handed out, to the one that failed or to others.
func TestAFailureEndsTheWork(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	synctest.Test(t, func(t *testing.T) {
		var begun atomic.Int64
		var both sync.WaitGroup
		both.Add(2)
		err := ForErr(t.Context(), 1000, func(w, _ int) error {
			if begun.Add(1) > 2 {
				return nil
			}
			both.Done()
			both.Wait()
			if w == 1 {
				return errors.New("failed")
			}
			synctest.Wait() // until the other worker is gone
			return nil
		})
		if err == nil || err.Error() != "failed" {
			t.Errorf("error %v", err)
		}
		if n := begun.Load(); n != 2 {
			t.Errorf("%d pieces were begun, want the 2 under way when one failed", n)
		}
	})
}

// A cancelled context ends the work with its error, and no piece begins after it was
// noticed.
func TestCancel(t *testing.T) {
	onWorkers(t, func(t *testing.T) {
		const n, last = 1000, 20
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var after atomic.Int64
		err := ForErr(ctx, n, func(_, i int) error {
			if ctx.Err() != nil {
				after.Add(1)
			}
			if i == last {
				cancel()
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v", err)
		}
		// A worker may have looked at the context just before it was cancelled.
		if most := int64(Workers(n)); after.Load() > most {
			t.Errorf("%d pieces began after the context was cancelled, want at most the %d under way", after.Load(), most)
		}
		began := false
		if err := ForErr(ctx, n, func(_, _ int) error { began = true; return nil }); !errors.Is(err, context.Canceled) || began {
			t.Errorf("cancelled before: error %v, began %v", err, began)
		}
	})
}

// An error of a piece is told rather than a cancellation that it caused.
func TestAPieceThatCancels(t *testing.T) {
	onWorkers(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		failure := errors.New("failure")
		err := ForErr(ctx, 50, func(_, i int) error {
			if i == 0 {
				cancel()
				return failure
			}
			return nil
		})
		if !errors.Is(err, failure) {
			t.Errorf("error %v, want that of the piece", err)
		}
	})
}
