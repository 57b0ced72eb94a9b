//go:build unix

package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Whatever ends the fit of a model, or its embedding of DATA, of any kind, and when: run again, and again, the same command
// makes what one makes that nothing ended, to the byte, and leaves no other file. Where work is kept at a certain moment it goes on
// from there. SMT_TEST_KILLS=30 ends each so often.
func TestKindsKilled(t *testing.T) {
	rounds := 6
	if n, err := strconv.Atoi(os.Getenv("SMT_TEST_KILLS")); err == nil {
		rounds = n
	}
	clips := t.TempDir()
	clip := filmed(t, clips, "a.y4m", 120, 1)
	filmed(t, clips, "b.y4m", 90, 2)
	inputs := t.TempDir()
	circle := npyFile(t, filepath.Join(inputs, "circle.npy"), circlePoints(3000), 2)
	many := npyFile(t, filepath.Join(inputs, "many.npy"), circlePoints(3*pointBlock), 2)
	text, words := corpus(t, 400), fitWordsSmall(t)
	film, points := filmModel(t, clip), pointModel(t)
	for name, c := range map[string]struct {
		args []string
		kept string // what it says when its work is kept
	}{
		"fit of words":     {append([]string{"fit", text}, withoutQuiet(smallWords)...), "solving"},
		"fit of vectors":   {[]string{"fit", circle, "--atoms", "60", "--neighbours", "8"}, "statistics"},
		"fit of film":      {[]string{"fit", clips, "--preset", "video", "--atoms", "60", "--dims", "6", "--threshold", "0.5"}, "solving"},
		"embed of words":   {[]string{"embed", words, "--ids", "IDS"}, ""},
		"embed of vectors": {[]string{"embed", points, many}, "embedding: 131,072 of"},
		"embed of film":    {[]string{"embed", film, clips, "--ids", "IDS", "--workers", "2"}, "reading frames: 100"},
	} {
		t.Run(name, func(t *testing.T) {
			in := func(dir string) []string {
				args := append(slices.Clone(c.args), "-o", filepath.Join(dir, "out"))
				if i := slices.Index(args, "IDS"); i >= 0 {
					args[i] = filepath.Join(dir, "ids")
				}
				return args
			}
			whole := t.TempDir()
			v := startVictim(t, in(whole)...)
			if o := v.outcome(); o.code != 0 {
				t.Fatalf("exit code %d\n%s", o.code, o.stderr)
			}
			lines := len(v.lines)
			rng := rand.New(rand.NewPCG(14, 12))
			ended := 0
			// Where the test is slower than the program it kills, more rounds make up for it.
			for round := 0; round < rounds || ended < rounds/2 && round < 10*rounds; round++ {
				dir := t.TempDir()
				for try := range 4 { // the last one is left alone
					v := startVictim(t, in(dir)...)
					atKept := round == 0 && c.kept != ""
					switch {
					case try == 3:
					case atKept && try == 0:
						v.until(c.kept, 1)
						_ = v.cmd.Process.Kill()
					case !atKept:
						v.until("", rng.IntN(lines+1))
						time.Sleep(time.Duration(rng.IntN(5000)) * time.Microsecond) // anywhere in what comes next
						_ = v.cmd.Process.Signal([]os.Signal{os.Kill, os.Kill, syscall.SIGTERM, os.Interrupt}[rng.IntN(4)])
					}
					o := v.outcome()
					if o.code != 0 && try < 3 {
						ended++
					}
					if strings.Contains(o.stderr, "\nsmt: ") && !strings.Contains(o.stderr, "interrupted") || try == 3 && o.code != 0 {
						t.Fatalf("round %d, try %d: exit code %d\n%s", round, try, o.code, o.stderr)
					}
					if atKept && try == 1 && !strings.Contains(o.stderr, "work that was kept, in") && !strings.Contains(o.stderr, "going on from the") {
						t.Errorf("killed at %q it did not go on\n%s", c.kept, o.stderr)
					}
					if o.code == 0 {
						break
					}
				}
				if got, want := names(t, dir), names(t, whole); !slices.Equal(got, want) {
					t.Errorf("round %d: files are %q, want %q", round, got, want)
				}
				for _, file := range names(t, whole) {
					if !bytes.Equal(read(t, filepath.Join(dir, file)), read(t, filepath.Join(whole, file))) {
						t.Errorf("round %d: %s is not that of a run that nothing ended", round, file)
					}
				}
			}
			t.Logf("ended %d times", ended)
			if ended < rounds/2 {
				t.Errorf("ended %d times in %d rounds: the moments are too late", ended, rounds)
			}
		})
	}
}

// withoutQuiet is args without the flag that has steps not told.
func withoutQuiet(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(s string) bool { return s == "--quiet" })
}
