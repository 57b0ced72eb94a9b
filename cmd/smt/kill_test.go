package main

import (
	"bufio"
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/internal/pixelfile"
)

// victimEnv makes the test binary the program, as SMT_TEST_MAIN does, with every occasion
// taken to write a checkpoint and every step told.
const victimEnv = "SMT_TEST_VICTIM"

// onDiskEnv has it keep images on disk, not in memory.
const onDiskEnv = "SMT_TEST_ON_DISK"

func victimMain() {
	pace.Least = 0
	if os.Getenv(onDiskEnv) != "" {
		keptAtMost, pixelfile.Grain = 0, 0
	}
	a := processApp()
	a.every = 0
	os.Exit(a.main(interruptible(), os.Args[1:]))
}

// victim is the program at work, to be ended by force.
type victim struct {
	cmd    *exec.Cmd
	stderr *bufio.Scanner
	lines  []string // that it told
	stdout bytes.Buffer
}

func startVictim(t *testing.T, args ...string) *victim {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	return started(t, exec.CommandContext(t.Context(), self, args...))
}

// started starts a command that is the test binary or becomes it.
func started(t *testing.T, cmd *exec.Cmd) *victim {
	t.Helper()
	v := &victim{cmd: cmd}
	cmd.Env = append(os.Environ(), victimEnv+"=1")
	cmd.Stdout = &v.stdout
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	v.stderr = bufio.NewScanner(stderr)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return v
}

// until waits until it has told n lines that begin so, or has ended.
func (v *victim) until(begins string, n int) {
	for n > 0 && v.stderr.Scan() {
		line := v.stderr.Text()
		v.lines = append(v.lines, line)
		if strings.HasPrefix(line, begins) {
			n--
		}
	}
}

// killAtFile kills it when there is a file in dir that is none of the known, if that
// comes to pass.
func (v *victim) killAtFile(t *testing.T, dir string, known ...string) {
	over := make(chan struct{})
	go func() { v.until("", math.MaxInt); close(over) }()
	for {
		select {
		case <-over:
			return
		default:
		}
		if slices.ContainsFunc(names(t, dir), func(n string) bool { return !slices.Contains(known, n) }) {
			_ = v.cmd.Process.Kill()
			<-over
			return
		}
	}
}

// outcome waits for the end.
func (v *victim) outcome() outcome {
	v.until("", math.MaxInt)
	_ = v.cmd.Wait() // its code is looked at
	return outcome{v.cmd.ProcessState.ExitCode(), v.stdout.String(), strings.Join(v.lines, "\n") + "\n"}
}

// counted is the number of images the count began with, and the last one told; -1 if it
// did not come so far.
func (v *victim) counted() (from, to int) {
	from, to = -1, -1
	for _, line := range v.lines {
		if line, ok := strings.CutPrefix(line, "statistics: "); ok {
			number, _, _ := strings.Cut(line, " ")
			if n, err := strconv.Atoi(strings.ReplaceAll(number, ",", "")); err == nil {
				if from < 0 {
					from = n
				}
				to = n
			}
		}
	}
	return from, to
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// slow makes a fit one of many batches, each of little work.
var slow = []string{"--preset", "mnist", "--images", "0", "--context", "image", "--atoms", "512", "--dims", "8", "--skip", "0", "--max-cosine", "0.95"}

// Killed at any moment, again and again, a fit goes on from its checkpoint: no image is
// counted again but those of the batch in work, the model is the same to the byte, and
// no other file is left. SMT_TEST_KILLS=45 kills more often.
func TestFitKilled(t *testing.T) {
	kills := 22
	if n, err := strconv.Atoi(os.Getenv("SMT_TEST_KILLS")); err == nil {
		kills = n
	}
	const images = 26*cooccur.BatchGroups + 10
	data, dir := idxData(t, images, 0), t.TempDir()
	path := filepath.Join(dir, "model.safetensors")
	fit := append([]string{"fit", data, "-o", path}, slow...)

	rng := rand.New(rand.NewPCG(14, 3))
	moments := map[string]int{}
	told, again, killed := 0, 0, 0 // images told to be counted, and of those counted again
	over := func(v *victim) outcome {
		o := v.outcome()
		if from, to := v.counted(); from >= 0 {
			again += max(0, told-from)
			told = to
		}
		if o.code == 0 {
			told = 0 // its checkpoint is gone
		}
		return o
	}
	for n := 0; killed < kills; n++ {
		v := startVictim(t, fit...)
		// Some die before they count, some in or after the first or second batch, some while
		// they write a checkpoint.
		moment := []string{"reading images", "dictionary", "statistics", "statistics", "statistics"}[rng.IntN(5)]
		if n%4 == 3 {
			moment = "a file on its way"
			v.killAtFile(t, dir, "model.safetensors", "model.safetensors.smt-new", "model.safetensors.partial")
		} else {
			v.until(moment, 1)
			time.Sleep(time.Duration(rng.IntN(20_000)) * time.Microsecond) // anywhere in what comes next
			_ = v.cmd.Process.Kill()
		}
		o := over(v)
		if strings.Contains(o.stderr, "\nsmt: ") {
			t.Fatalf("kill %d: the fit failed before\n%s", killed, o.stderr)
		}
		if o.code != 0 {
			killed++
			moments[moment]++
		}
	}
	// While it solves, all is counted, and the next run only solves.
	v := startVictim(t, fit...)
	v.until("solving", 1)
	_ = v.cmd.Process.Kill()
	solving := over(v).code != 0
	v = startVictim(t, fit...)
	if o := over(v); o.code != 0 {
		t.Fatalf("exit code %d\n%s", o.code, o.stderr)
	}
	if from, _ := v.counted(); solving && from != images {
		t.Errorf("killed while it solved, the fit counted from image %d of %d on", from, images)
	}
	t.Logf("killed at %v, while it solved: %v; %d images counted again beside the batches in work", moments, solving, again)
	if again > 0 {
		t.Errorf("%d images were counted and not kept", again)
	}
	if found := names(t, dir); len(found) != 1 {
		t.Errorf("files are %q, want the model alone", found)
	}
	whole := filepath.Join(t.TempDir(), "model.safetensors")
	must(t, append([]string{"fit", data, "-o", whole, "--quiet"}, slow...)...)
	if !bytes.Equal(read(t, path), read(t, whole)) {
		t.Error("the model of a fit that was killed differs from that of one that was not")
	}
}

// Interrupted once it has solved, or while it saves, the program ends its work.
func TestFitInterruptedAtTheEnd(t *testing.T) {
	data := idxData(t, 60, 0)
	path := filepath.Join(t.TempDir(), "model.safetensors")
	args := slices.DeleteFunc(append([]string{"fit", data, "-o", path, "--json", "--preset", "mnist"}, small...), func(s string) bool { return s == "--quiet" })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout bytes.Buffer
	a := newApp(&stdout, &cancelAt{line: "components: 32, done", cancel: cancel})
	a.every = 0
	if code := a.main(ctx, args); code != 0 || ctx.Err() == nil || !strings.Contains(stdout.String(), path) {
		t.Errorf("exit code %d, cancelled %v, %s", code, ctx.Err(), stdout.String())
	}
	if !bytes.Equal(read(t, path), read(t, fitSmall(t, data, "--preset", "mnist"))) {
		t.Error("the model differs from that of a fit that was not interrupted")
	}
}
