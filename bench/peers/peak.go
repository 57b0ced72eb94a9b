package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/sparse-manifold/smt/internal/simd"
)

// codesOfPeak compares codes by the float32 kernel with the machine's peak. The
// kernels of a process are settled when it starts, so a copy of this program
// does it.
func codesOfPeak(ctx context.Context, b *bench) ([]Result, error) {
	all, err := tiers(ctx)
	if err != nil {
		return nil, err
	}
	dir, remove, err := b.folder("codes-peak")
	if err != nil {
		return nil, err
	}
	defer remove()
	if _, err := b.savePatchwork(ctx, dir); err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, program, "--child", dir, "--rounds", strconv.Itoa(b.rounds))
	c.Env = append(os.Environ(), "SMT_SIMD="+floatTier(all))
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, os.Stderr
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%s --child: %w", program, err)
	}
	var results []Result
	return results, json.Unmarshal(out.Bytes(), &results)
}

// floatTier is the first of the tiers, fastest first, that codes in float32.
func floatTier(all []string) string {
	for _, t := range all {
		if slices.Contains([]string{"avx512", "avx2"}, t) {
			return t
		}
	}
	return "generic"
}

// codesChild prints what share of the peak codes reach, on one core and on all:
// with the dictionary's flips, as fits of photographs use them, and without. The
// operations are those of the plain product, 2·D·k a patch. Flips save half of
// them, so that their share can exceed 1.
func codesChild(dir string, rounds int) error {
	if simd.HasBytes() {
		return errors.New("tier " + simd.Tier() + " codes in 8 bits, not in float32")
	}
	var results []Result
	for _, cores := range slices.Compact([]int{1, runtime.GOMAXPROCS(0)}) {
		runtime.GOMAXPROCS(cores)
		for _, flips := range []bool{true, false} {
			w, err := loadPatchwork(dir, flips)
			if err != nil {
				return err
			}
			name, how := fmt.Sprintf("codes-peak-%d", cores), "flips save half of the products"
			if !flips {
				name, how = name+"-plain", "without flips"
			}
			var rate, peak float64
			for range rounds {
				peak = max(peak, peakRate(cores, simd.PeakFloat))
				began := time.Now()
				w.encode()
				rate = max(rate, w.operations()/time.Since(began).Seconds()/1e9)
			}
			results = append(results, rates(name, rate, peak, 0.85, "GFLOP/s", fmt.Sprintf("%d patches, %d atoms, tier %s, %d threads, %s; the peer is a loop in registers",
				len(w.x)/w.dim, len(w.atoms)/w.dim, simd.Tier(), cores, how)))
			progress("%s: %.1f of %.1f GFLOP/s", name, rate, peak)
		}
	}
	return writeJSON(os.Stdout, results)
}
