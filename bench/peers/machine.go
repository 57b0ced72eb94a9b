package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sparse-manifold/smt/internal/simd"
)

// describeMachine tells on standard error what the machine is and what it can do.
func describeMachine(ctx context.Context) error {
	all, err := tiers(ctx)
	if err != nil {
		return err
	}
	cores := runtime.GOMAXPROCS(0)
	progress("machine: %s, %d threads; tier %s of %s", simd.Processor(), cores, simd.Tier(), strings.Join(all, ", "))
	progress("peak of 1 and %d threads: float32 %.1f and %.1f GFLOP/s, 8 bits %.1f and %.1f Gop/s, copy %.1f and %.1f GB/s",
		cores, peakRate(1, simd.PeakFloat), peakRate(cores, simd.PeakFloat),
		peakRate(1, simd.PeakBytes), peakRate(cores, simd.PeakBytes), copyRate(1), copyRate(cores))
	return nil
}

// tiers lists the kernels of this machine and build, fastest first: what a copy
// of this program says when SMT_SIMD asks for one there is not.
func tiers(ctx context.Context) ([]string, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, program)
	c.Env = append(os.Environ(), "SMT_SIMD=?")
	var told bytes.Buffer
	c.Stderr = &told
	_ = c.Run() // it fails, as it has to
	return parseTiers(told.String())
}

func parseTiers(message string) ([]string, error) {
	_, list, found := strings.Cut(message, "this machine and build have:")
	if !found {
		return nil, errors.New("the tiers of this machine are unknown: SMT_SIMD=? said " + message)
	}
	return strings.Fields(list), nil
}

// peakRate is how many operations, in units of 10⁹ a second, a loop of
// internal/simd does on so many threads: the best of some tenths of a second.
func peakRate(threads int, loop func(rounds int) int) float64 {
	best := 0.0
	for range 4 {
		var operations atomic.Int64
		var wg sync.WaitGroup
		began := time.Now()
		for range threads {
			wg.Go(func() {
				for time.Since(began) < 100*time.Millisecond {
					n := loop(20_000)
					if n == 0 {
						return
					}
					operations.Add(int64(n))
				}
			})
		}
		wg.Wait()
		best = max(best, float64(operations.Load())/time.Since(began).Seconds()/1e9)
	}
	return best
}

// copyRate is how many GB a second so many threads copy, each read and written
// once, of blocks too large for any cache.
func copyRate(threads int) float64 {
	const size = 256 << 20
	from, to := make([]byte, size), make([]byte, size)
	best := 0.0
	for range 5 { // the first is slow: it gets the pages
		var wg sync.WaitGroup
		began := time.Now()
		for t := range threads {
			wg.Go(func() { copy(to[size/threads*t:size/threads*(t+1)], from[size/threads*t:]) })
		}
		wg.Wait()
		best = max(best, float64(size/threads*threads)/time.Since(began).Seconds()/1e9)
	}
	return best
}
