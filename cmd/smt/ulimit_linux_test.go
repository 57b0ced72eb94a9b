package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Near a limit of addresses the program runs, or says that the limit is too low. It never
// begins and is then ended by Go or the C library, as it was where what the limit left was
// taken by threads. What happens before main is not the program's: Go's start takes
// addresses by what there is.
func TestAddressesNearTheLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	data := idxData(t, 1000, 0)
	path := filepath.Join(t.TempDir(), "model.safetensors")
	ran, refused := 0, 0
	for mib := 1200; mib <= 2600; mib += 20 {
		script := fmt.Sprintf(`ulimit -v %d && GOMAXPROCS=2 exec "$0" "$@"`, mib<<10)
		o := started(t, exec.CommandContext(t.Context(), shell, "-c", script, self, "fit", data, "-o", path,
			"--atoms", "1024", "--max-cosine", "1.5", "--dims", "32", "--images", "200")).outcome()
		switch begun := strings.HasPrefix(o.stderr, "reading images"); {
		case o.code == 0:
			ran++
		case o.code == exitFailure && strings.Contains(o.stderr, "ulimit -v"):
			refused++
		case begun:
			t.Errorf("%d MiB: begun, and ended with code %d:\n%.400s", mib, o.code, o.stderr)
		default:
			t.Logf("%d MiB: ended before it began: %.60q", mib, o.stderr)
		}
	}
	t.Logf("%d ran, %d were refused", ran, refused)
	if ran+refused == 0 {
		t.Skip("the program does not start within such limits: the race detector's does not")
	}
	if ran == 0 || refused == 0 {
		t.Errorf("%d ran, %d were refused: want limits on both sides", ran, refused)
	}
}

// What takes more than a limit leaves is refused before anything is begun or written: here so many groups that
// their vectors take gigabytes.
func TestAskingBeyondTheLimit(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	path, page := indexSmall(t, 9000), filepath.Join(t.TempDir(), "map.html")
	for says, args := range map[string][]string{
		"mapping 9,000 items of 12 values takes about":   {"map", path, "-o", page, "--groups", "9000"},
		"comparing 9,000 items of 12 values takes about": {"groups", path, "--k", "9000"},
	} {
		// A program within 3 GiB of addresses has less than 2 to work with.
		script := []string{"-c", `ulimit -v 3145728 && GOMAXPROCS=2 exec "$0" "$@"`, self}
		o := started(t, exec.CommandContext(t.Context(), shell, append(script, args...)...)).outcome()
		begun := strings.Contains(o.stderr, "sampling")
		if strings.Contains(o.stderr, "out of memory") && !begun {
			t.Skip("the program does not start within such a limit: the race detector's does not")
		}
		if o.code != exitFailure || !strings.Contains(o.stderr, says) || !strings.Contains(o.stderr, "ulimit -v allows") {
			t.Errorf("smt %s ends with code %d:\n%.600s", args[0], o.code, o.stderr)
		}
		if begun || exists(page) {
			t.Errorf("smt %s has begun:\n%.600s", args[0], o.stderr)
		}
	}
}
