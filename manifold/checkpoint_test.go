package manifold

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
	"github.com/sparse-manifold/smt/internal/pace"
)

func learned(t testing.TB, e engine) string {
	t.Helper()
	s, err := e.Learn(t.Context(), e.src, Run{})
	if err != nil {
		t.Fatal(err)
	}
	return text(s)
}

// Wherever a run is killed and whatever its batches are, it comes to the same solution. What is packed loses
// no group that was coded.
func TestKilledAnywhere(t *testing.T) {
	defer func(least time.Duration, large int64) { pace.Least, leastLarge = least, large }(pace.Least, leastLarge)
	all, want := engines(t), map[string]string{}
	for name, e := range all {
		want[name] = learned(t, e)
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(all))).Draw(rt, "kind")
		e, path := all[name], filepath.Join(t.TempDir(), "part")
		begin := func() *kept {
			k, err := e.begin(groups, Run{Groups: "groups", Checkpoint: path})
			if err != nil {
				rt.Fatal(err)
			}
			if err := k.catchUp(t.Context(), e.Encoder, e.src); err != nil {
				rt.Fatal(err)
			}
			return k
		}
		k, inFile := begin(), 0
		for k.done < groups {
			next := min(groups, k.done+rapid.IntRange(1, 25).Draw(rt, "batch"))
			pace.Least = time.Duration(rapid.IntRange(0, 1).Draw(rt, "write")) * time.Hour
			leastLarge = int64(pace.Least)
			if _, err := e.collect(t.Context(), e.src.first(next), k.done, k.s, nil, stages{k.coded, k.counted}); err != nil {
				rt.Fatal(err)
			}
			if pace.Least == 0 || e.cfg.Packed {
				inFile = k.done
			}
			if rapid.IntRange(0, 3).Draw(rt, "kill") == 0 {
				if k.log != nil {
					k.log.f.Close() // as the system does
				}
				if k = begin(); k.done != inFile {
					rt.Fatalf("going on at group %d, %d are in the file", k.done, inFile)
				}
			}
		}
		s, err := e.Solve(t.Context(), k.s, nil)
		if err != nil {
			rt.Fatal(err)
		}
		if text(s) != want[name] {
			rt.Fatalf("%s: another solution", name)
		}
	})
}

// Who cancels a run whose statistics take seconds to write is told what goes on.
func TestWritingManyStatisticsIsSaid(t *testing.T) {
	defer func(was int64) { manyBytes = was }(manyBytes)
	for name, e := range engines(t) {
		for _, many := range []bool{false, true} {
			if manyBytes = 1 << 30; many {
				manyBytes = 1
			}
			ctx, cancel := context.WithCancel(t.Context())
			path, said := filepath.Join(t.TempDir(), "part"), false
			_, err := e.Learn(ctx, e.src, Run{Groups: "groups", Checkpoint: path, Progress: func(stage string, done, total int) {
				if stage == "statistics" && done == total {
					cancel()
				}
				if strings.HasPrefix(stage, "writing 0.0 GB") && done == 0 {
					_, err := os.Stat(path)
					said = err != nil // before it is there
				}
			}})
			if e.cfg.Packed { // whose codes are kept: nothing is written
				many = false
				path += Codes
			}
			if _, missing := os.Stat(path); !errors.Is(err, context.Canceled) || missing != nil || said != many {
				t.Errorf("%s: said before it was written: %v, want %v; errors %v, %v", name, said, many, err, missing)
			}
		}
	}
}

// Before a run solves all that is counted is on disk, though it is not yet time to write, if it is little.
func TestKeptBeforeSolving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // counting takes no time there, so that what is slept is all
		for name, e := range engines(t) {
			path, solving := filepath.Join(t.TempDir(), "part"), false
			_, err := e.Learn(t.Context(), e.src, Run{Groups: "groups", Checkpoint: path, Progress: func(stage string, done, total int) {
				if stage == "statistics" && done == total {
					time.Sleep(100 * time.Millisecond) // work that is worth a write of 1 MB
				}
				if stage == "solving" && !solving {
					solving = true
					if CheckpointFiles(path) == nil {
						t.Errorf("%s: nothing is on disk", name)
					}
				}
			}})
			if err != nil || !solving {
				t.Errorf("%s: error %v", name, err)
			}
			if err := RemoveCheckpoint(path); err != nil || CheckpointFiles(path) != nil {
				t.Errorf("%s: the checkpoint was not removed: %v", name, err)
			}
		}
	})
}

// Statistics that take longer to be written than what is new in them took to count are not, where somebody waits for the end, and
// that is said.
func TestWritingThatDoesNotPay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // counting takes no time there
		e := engines(t)["whole grids"]
		path := filepath.Join(t.TempDir(), "part")
		k, err := e.begin(groups, Run{Groups: "groups", Checkpoint: path})
		if err != nil {
			t.Fatal(err)
		}
		count := func(n int) {
			if _, err := e.collect(t.Context(), e.src.first(n), k.done, k.s, nil, stages{}); err != nil {
				t.Fatal(err)
			}
			k.done = n
		}
		count(10)
		if err := k.save(); err != nil {
			t.Fatal(err)
		}
		if err := k.pace.Write(func() error { time.Sleep(2 * time.Second); return nil }); err != nil { // a slow disk
			t.Fatal(err)
		}
		count(20)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := k.stopped(ctx, ctx.Err()); !strings.Contains(err.Error(), "the statistics of 10 are kept") || !strings.Contains(err.Error(), "were not worth the 2 s") {
			t.Errorf("error %v", err)
		}
		if k, err := e.begin(groups, k.Run); err != nil || k.done != 10 {
			t.Errorf("%d groups are in the file, error %v", k.done, err)
		}
	})
}

// Statistics that have a group in part are not written.
func TestBrokenStatisticsAreNotKept(t *testing.T) {
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	e := engines(t)["whole grids"]
	k, err := e.begin(groups, Run{Groups: "groups", Checkpoint: filepath.Join(t.TempDir(), "part")})
	if err != nil {
		t.Fatal(err)
	}
	k.s.(*cooccur.Dense).Groups = 3
	k.done = 2 // as if the third group were there in part
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.stopped(ctx, ctx.Err()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(k.Checkpoint); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a checkpoint was written: %v", err)
	}
}

// Writing a checkpoint takes no copy of the statistics.
func TestSavingCopiesNothing(t *testing.T) {
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	const atoms = 2048
	mirror := make([]uint16, atoms)
	for a := range mirror {
		mirror[a] = uint16(a ^ 1)
	}
	of := cooccur.Origin{Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2}, Atoms: atoms, Denominator: 1, Grid: cooccur.Grid{3, 3}}
	dense, err := cooccur.NewDense(of)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := cooccur.NewPacked(of, mirror)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		s    cooccur.Statistics
		size uint64
	}{{dense, 16 * atoms * atoms / 2}, {packed, 8 * atoms * atoms / 8}} {
		k := &kept{s: c.s, Run: Run{Checkpoint: filepath.Join(t.TempDir(), "part")}, pace: pace.Begin(), saved: -1}
		n := memorytest.Allocated(func() {
			if err := k.save(); err != nil {
				t.Fatal(err)
			}
		})
		if n > c.size/2 {
			t.Errorf("%T: writing %d bytes took %d", c.s, c.size, n)
		}
	}
}
