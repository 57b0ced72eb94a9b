package reproduce

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/sparse-manifold/smt/internal/python"
)

// peerMode is the variable that has a copy of this program be a peer.
const peerMode = "REPRODUCE_TEST_PEER"

// with has the peers be a copy of this program, or missing if mode is empty.
func with(t *testing.T, mode string) {
	old := startPeers
	t.Cleanup(func() { startPeers = old })
	t.Setenv(peerMode, mode)
	startPeers = func(context.Context, string) (*python.Peers, error) {
		if mode == "" {
			return nil, errors.New("no Python here")
		}
		program, err := os.Executable()
		dir := t.TempDir()
		return &python.Peers{Dir: dir, Env: python.At(program, dir)}, err
	}
}

// fake is that copy: it leaves what a script does and says what it says, but for what the mode is.
func fake(mode, script string, args []string) int {
	if mode == "fail" {
		fmt.Fprintln(os.Stderr, "Traceback\nno such module")
		return 3
	}
	fmt.Println(`{"note": "a fake"}`)
	switch filepath.Base(script) {
	case "words.py":
		fakeWords(mode, args[0])
	case "atoms.py":
		fakeAtoms(mode, args)
	case "sfa.py":
		fakeSlow(mode, args[0])
	}
	if mode == "odd" {
		fmt.Println("Traceback")
	}
	return 0
}

// leave writes a file of numbers that is a byte too short if the mode says so.
func leave(mode, path string, values []float32) {
	b, err := binary.Append(nil, binary.LittleEndian, values)
	if err != nil {
		panic(err)
	}
	if mode == "short" {
		b = b[1:]
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		panic(err)
	}
}

// runStudy runs a study, which has to succeed.
func runStudy[S Study](t *testing.T, opt Options) (S, told) {
	t.Helper()
	p, lines := must(t, opt, tiny())
	if len(p.Studies) != 1 || len(p.Results) != 0 {
		t.Fatalf("%d studies and %d rows: want the study alone", len(p.Studies), len(p.Results))
	}
	return p.Studies[0].(S), lines
}

// checkKept runs a study that is done, with the same seed and with another: it says work where it is run.
func checkKept(t *testing.T, opt Options, work string) {
	t.Helper()
	if _, lines := runStudy[Study](t, opt); lines.count("is done") != 1 || lines.count(work) != 0 {
		t.Errorf("run again, it says %q: want that it is done", lines)
	}
	opt.Seed++
	if _, lines := runStudy[Study](t, opt); lines.count("is done") != 0 || lines.count(work) != 1 {
		t.Errorf("with another seed it says %q: want it run", lines)
	}
}
