package memory

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// A machine with 1 GiB free, and a process of 10 MiB in 100 MiB of address space.
var bare = map[string]string{
	"proc/meminfo":     "MemTotal: 4194304 kB\nMemAvailable: 1048576 kB\n",
	"proc/self/status": "Name:\tsmt\nVmSize:\t  102400 kB\nVmData:\t  51200 kB\nRssAnon:\t  10240 kB\nThreads:\t9999\n",
	"proc/self/limits": "Limit                     Soft Limit           Hard Limit           Units     \n" +
		"Max data size             unlimited            unlimited            bytes     \n" +
		"Max address space         unlimited            unlimited            bytes     \n",
	"proc/self/cgroup": "0::/\n",
	"proc/self/mountinfo": "23 1 8:1 / / rw - ext4 /dev/root rw\n" +
		"41 31 0:38 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw\n",
}

func machine(files ...map[string]string) system {
	m := fstest.MapFS{}
	for _, more := range append([]map[string]string{bare}, files...) {
		for name, text := range more {
			m[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return system{m}
}

func TestLimitsOfFakeMachines(t *testing.T) {
	const mib = 1 << 20
	v1 := map[string]string{
		"proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/jobs/7\n0::/\n",
		"proc/self/mountinfo": "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,cpu,memory\n" +
			"41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
		"sys/fs/cgroup/memory/memory.limit_in_bytes":        "9223372036854771712\n",
		"sys/fs/cgroup/memory/jobs/memory.limit_in_bytes":   fmt.Sprint(700 * mib),
		"sys/fs/cgroup/memory/jobs/memory.usage_in_bytes":   fmt.Sprint(300 * mib),
		"sys/fs/cgroup/memory/jobs/memory.stat":             fmt.Sprintf("active_file 1\ntotal_active_file %d\ntotal_inactive_file %d\n", 60*mib, 40*mib),
		"sys/fs/cgroup/memory/jobs/7/memory.limit_in_bytes": "9223372036854771712\n",
	}
	nested := map[string]string{
		"proc/self/cgroup":                             "0::/user/job 1/deep\n",
		"sys/fs/cgroup/user/memory.max":                fmt.Sprint(800 * mib),
		"sys/fs/cgroup/user/memory.current":            fmt.Sprint(500 * mib),
		"sys/fs/cgroup/user/memory.stat":               fmt.Sprintf("anon 5\nfile 7\ninactive_file %d\nactive_file %d\n", 100*mib, 20*mib),
		"sys/fs/cgroup/user/job 1/memory.max":          "max\n",
		"sys/fs/cgroup/user/job 1/memory.high":         "max\n",
		"sys/fs/cgroup/user/job 1/deep/memory.max":     fmt.Sprint(900 * mib),
		"sys/fs/cgroup/user/job 1/deep/memory.current": fmt.Sprint(20 * mib),
	}
	with := func(base map[string]string, name, text string) map[string]string {
		m := maps.Clone(base)
		m[name] = text
		return m
	}
	limits := func(data, space string) map[string]string {
		return map[string]string{"proc/self/limits": "Max data size             " + data + "            unlimited            bytes     \n" +
			"Max address space         " + space + "            unlimited            bytes     \n"}
	}
	for name, c := range map[string]struct {
		s    system
		want Room
	}{
		"no limits": {machine(), Room{1034 * mib, "this machine"}},
		// What the process has in address space is no measure of what it uses.
		"ulimit -v":       {machine(limits("unlimited", fmt.Sprint(600*mib))), Room{(500-128)*mib + 10*mib, "ulimit -v"}},
		"ulimit -v, much": {machine(limits("unlimited", fmt.Sprint(1200*mib)), map[string]string{"proc/meminfo": ""}), Room{1100*mib - 1100*mib/8 + 10*mib, "ulimit -v"}},
		"ulimit -d":       {machine(limits(fmt.Sprint(300*mib), fmt.Sprint(600*mib))), Room{250*mib - 32*mib + 10*mib, "ulimit -d"}},
		"all used":        {machine(limits("unlimited", fmt.Sprint(80*mib))), Room{1, "ulimit -v"}},
		// The limit of a group above counts, with what others use of it, but for files.
		"version 1, above":    {machine(v1), Room{510 * mib, "the control group /jobs (memory.limit_in_bytes)"}},
		"version 1, own":      {machine(with(v1, "sys/fs/cgroup/memory/jobs/7/memory.limit_in_bytes", fmt.Sprint(200*mib))), Room{200 * mib, "the control group /jobs/7 (memory.limit_in_bytes)"}},
		"version 1, no count": {machine(with(v1, "sys/fs/cgroup/memory/jobs/memory.use_hierarchy", "0\n")), Room{1034 * mib, "this machine"}},
		"version 2, above":    {machine(nested), Room{430 * mib, "the control group /user (memory.max)"}},
		"version 2, own high": {machine(with(nested, "sys/fs/cgroup/user/job 1/deep/memory.high", fmt.Sprint(200*mib))), Room{190 * mib, "the control group /user/job 1/deep (memory.high)"}},
		// In a container the mount begins at the group, wherever that is.
		"a container": {machine(map[string]string{
			"proc/self/cgroup":         "0::/docker/abc/in\n",
			"proc/self/mountinfo":      "41 31 0:38 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
			"sys/fs/cgroup/memory.max": fmt.Sprint(400 * mib), "sys/fs/cgroup/memory.current": fmt.Sprint(10 * mib),
			"sys/fs/cgroup/in/memory.max": "max\n"}), Room{400 * mib, "the control group /docker/abc (memory.max)"}},
		"another name space": {machine(map[string]string{
			"proc/self/cgroup":         "0::/../other\n",
			"sys/fs/cgroup/memory.max": fmt.Sprint(400 * mib), "sys/fs/cgroup/memory.current": fmt.Sprint(10 * mib)}),
			Room{400 * mib, "the control group / (memory.max)"}},
		"a mount with a blank": {machine(map[string]string{
			"proc/self/mountinfo": "41 31 0:38 / /my\\040groups rw - cgroup2 cgroup rw\n", "proc/self/cgroup": "0::/a\n",
			"my groups/a/memory.max": fmt.Sprint(50 * mib), "my groups/a/memory.current": "0\n"}),
			Room{50 * mib, "the control group /a (memory.max)"}},
		"a system that does not tell": {system{fstest.MapFS{}}, Room{}},
	} {
		if got := c.s.available(); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// Threads that are still to come take their part of a limit, where they are the C library's.
func TestThreadsToCome(t *testing.T) {
	most := int64(runtime.GOMAXPROCS(0)) + 8
	for now, want := range map[int64]int64{1: most - 1, most - 1: 1, most: 0, most + 3: 0} {
		s := machine(map[string]string{"proc/self/status": fmt.Sprintf("VmSize:\t 102400 kB\nThreads:\t%d\n", now),
			"proc/self/limits": "Max stack size            16777216             unlimited            bytes     \n"})
		if got := s.threadsToCome(); got != want {
			t.Errorf("beside %d threads %d come, want %d", now, got, want)
		}
		space, data := int64(128<<20), int64(32<<20)
		if threadArena > 0 && want > 0 {
			space, data = space+want*(threadArena+16<<20)+threadArena, data+want*16<<20
		}
		if a, b := s.reserve(); a != space || b != data {
			t.Errorf("beside %d threads %d bytes of addresses and %d of data are not used, want %d and %d", now, a, b, space, data)
		}
	}
}

// Too little for any work is said before it is begun.
func TestShort(t *testing.T) {
	const used = 102400 << 10
	limit := func(left int64) system {
		return machine(map[string]string{"proc/self/limits": fmt.Sprintf("Max address space         %d            unlimited            bytes     \n", used+left)})
	}
	if err := limit(128 << 20).short(); err != nil {
		t.Error(err)
	}
	if err := machine().short(); err != nil {
		t.Error(err)
	}
	for left, want := range map[int64]string{
		100 << 20: "ulimit -v leaves 100 MiB, and any work may take 128: want a limit of 29 MiB more at least",
		-5 << 20:  "ulimit -v leaves 0 MiB, and any work may take 128: want a limit of 129 MiB more at least",
	} {
		if err := limit(left).short(); err == nil || err.Error() != want+otherBuild {
			t.Errorf("%d bytes are left: error %v, want %q", left, err, want+otherBuild)
		}
	}
}

// Whatever the files say, there is an answer, and it is no more than the machine has.
func FuzzAvailable(f *testing.F) {
	f.Add(bare["proc/self/cgroup"], bare["proc/self/mountinfo"], bare["proc/self/limits"], "max\n")
	f.Add("4:memory:/a/b\n", "35 31 0:32 / /m rw - cgroup cgroup memory\n", "Max address space 5 5 bytes", "17")
	f.Fuzz(func(t *testing.T, cgroup, mounts, limits, number string) {
		files := map[string]string{"proc/self/cgroup": cgroup, "proc/self/mountinfo": mounts, "proc/self/limits": limits}
		for _, name := range []string{"memory.max", "memory.limit_in_bytes", "memory.current", "memory.usage_in_bytes", "memory.stat"} {
			files["m/"+name], files["sys/fs/cgroup/"+name] = number, number
		}
		if got := machine(files).available(); got.Bytes < 1 || got.Bytes > 1034<<20 || got.By == "" {
			t.Fatalf("%+v", got)
		}
	})
}

// told is set in children of this test, which say what they have.
const told = "SMT_TEST_AVAILABLE"

func TestMain(m *testing.M) {
	if os.Getenv(told) != "" {
		r := Available()
		fmt.Printf("%d %s\n", r.Bytes, r.By)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child has a process told of by a shell that runs script first.
func child(t *testing.T, script string) (int64, string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("limits are told on Linux only")
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	c := exec.Command(sh, "-c", script+` && exec "$0"`, os.Args[0])
	c.Env = append(os.Environ(), told+"=1", "GOMAXPROCS=2") // what threads take of a limit grows with the machine
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Skipf("%s: %v", script, err)
	}
	bytes, by, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	n, err := strconv.ParseInt(bytes, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n, by
}

func TestLimitOfARealShell(t *testing.T) {
	for _, script := range []string{"ulimit -v 3000000", "ulimit -d 3000000"} {
		n, by := child(t, script)
		// The race detector and Go itself take address space that is never used.
		if want := script[:len("ulimit -v")]; by != want || n > 3000000<<10 || n < 100<<20 {
			t.Errorf("%s: %d bytes by %s", script, n, by)
		}
	}
}

// A group below the test's own, of version 1, and a process in a group below that.
func TestLimitOfARealGroup(t *testing.T) {
	var dir string
	for _, g := range here.groups() {
		if !g.v2 {
			dir = "/" + g.dir
			break
		}
	}
	if dir == "" {
		t.Skip("no control groups of version 1")
	}
	above := filepath.Join(dir, fmt.Sprintf("smt-test-%d", os.Getpid()))
	group := filepath.Join(above, "job")
	if err := os.Mkdir(above, 0o755); err != nil {
		t.Skip(err)
	}
	defer os.Remove(above)
	if err := os.Mkdir(group, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(group)
	if err := os.WriteFile(filepath.Join(above, "memory.limit_in_bytes"), []byte("268435456"), 0o644); err != nil {
		t.Skip(err)
	}
	n, by := child(t, "echo $$ > "+filepath.Join(group, "cgroup.procs"))
	if n > 256<<20 || n < 200<<20 || !strings.HasSuffix(by, filepath.Base(above)+" (memory.limit_in_bytes)") {
		t.Errorf("%d bytes by %s, in a group of 256 MiB", n, by)
	}
}

// lines of any length are read, or none.
func TestLongLines(t *testing.T) {
	s := machine(map[string]string{"proc/self/cgroup": strings.Repeat("x", 2*bufio.MaxScanTokenSize)})
	if got := s.available(); got.By != "this machine" {
		t.Errorf("%+v", got)
	}
}
