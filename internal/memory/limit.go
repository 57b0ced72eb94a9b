package memory

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// Room is how much memory the program may come to have in all, what it has already
// included, and what sets that limit.
type Room struct {
	Bytes int64 // 0 where the system does not tell
	// By names the limit: "this machine", "the control group /a/b (memory.max)" or
	// "ulimit -v".
	By string
}

// Available is the room that is left by the machine, by the control groups that the
// program is in, of either version and at any depth, and by ulimit.
func Available() Room { return here.available() }

// Left is what the program can take beside what it has, a sixteenth less for what comes
// in between.
func Left() Room { return here.left() }

// Short says so if ulimit leaves less than any work takes. The program would be ended in
// the middle of it, by the C library or by Go.
func Short() error { return here.short() }

func (s system) short() error {
	for _, l := range s.ulimits() {
		if l.left < l.reserve {
			return fmt.Errorf("%s leaves %d MiB, and any work may take %d: want a limit of %d MiB more at least%s", l.by, max(0, l.left)>>20, l.reserve>>20, (l.reserve-max(0, l.left))>>20+1, otherBuild)
		}
	}
	return nil
}

// system is a machine as the program sees it: its files, of which those of /proc and
// /sys tell.
type system struct{ files fs.FS }

var here = system{os.DirFS("/")}

func (s system) available() Room {
	status := func(name string) int64 { return s.field("proc/self/status", name) }
	own := status("RssAnon:")
	all := []Room{}
	if free := s.field("proc/meminfo", "MemAvailable:"); free > 0 {
		all = append(all, Room{free + own, "this machine"})
	}
	for _, l := range s.ulimits() {
		// Go takes addresses by 64 MiB and gives none back, and what is left free lies in
		// pieces: an eighth, at least, is left for that.
		all = append(all, Room{max(1, l.left-max(l.left/8, l.reserve)+own), l.by})
	}
	for _, g := range s.groups() {
		all = append(all, g.rooms(own)...)
	}
	var least Room
	for _, r := range all {
		if least.Bytes == 0 || r.Bytes < least.Bytes {
			least = r
		}
	}
	return least
}

func (s system) left() Room {
	room := s.available()
	if room.Bytes > 0 {
		room.Bytes = max(1, room.Bytes-room.Bytes/16-s.field("proc/self/status", "RssAnon:"))
	}
	return room
}

// ulimit is what a limit of the process leaves, and how much of that is no room for what
// the program holds.
type ulimit struct {
	by            string
	left, reserve int64
}

func (s system) ulimits() (all []ulimit) {
	space, data := s.reserve()
	for _, l := range []struct {
		name, used string
		ulimit
	}{
		{"Max address space", "VmSize:", ulimit{by: "ulimit -v", reserve: space}},
		{"Max data size", "VmData:", ulimit{by: "ulimit -d", reserve: data}},
	} {
		if limit, ok := s.ulimit(l.name); ok {
			l.left = limit - s.field("proc/self/status", l.used)
			all = append(all, l.ulimit)
		}
	}
	return all
}

// ulimit is a soft limit of the process, false if there is none.
func (s system) ulimit(name string) (int64, bool) {
	for _, line := range s.lines("proc/self/limits") {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			soft, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			n, err := strconv.ParseInt(soft, 10, 64)
			return n, err == nil // "unlimited"
		}
	}
	return 0, false
}

// group is a control group that counts the memory of the program.
type group struct {
	s    system
	dir  string // of its files
	name string // as /proc/self/cgroup has it
	v2   bool
}

// groups are those that the program is in, and all above them.
func (s system) groups() (all []group) {
	for _, line := range s.lines("proc/self/cgroup") {
		f := strings.SplitN(line, ":", 3) // number, controllers, path
		if len(f) != 3 {
			continue
		}
		v2 := f[0] == "0" && f[1] == ""
		if !v2 && !hasOption(f[1], "memory") {
			continue
		}
		for _, m := range s.mounts(v2) {
			// A container sees its own group as the root of the mount. A path outside of
			// what is mounted is of another name space: the mount is all there is to see.
			below, ok := strings.CutPrefix(path.Clean(f[2]), strings.TrimSuffix(m.root, "/"))
			if !ok || below != "" && below[0] != '/' || strings.HasPrefix(f[2], "/..") {
				below = "/"
			}
			for below = path.Clean("/" + below); ; below = path.Dir(below) {
				g := group{s, strings.TrimPrefix(path.Join(m.at, below), "/"), path.Join(m.root, below), v2}
				if n, ok := g.number("memory.use_hierarchy"); ok && n == 0 && len(all) > 0 {
					break // a group of version 1 that does not count what is used below it
				}
				if all = append(all, g); below == "/" {
					break
				}
			}
		}
	}
	return all
}

// mount is where a hierarchy of control groups is seen, from one of them on.
type mount struct{ root, at string }

// mounts are those of version 2, or of version 1 with the memory controller.
func (s system) mounts(v2 bool) (all []mount) {
	for _, line := range s.lines("proc/self/mountinfo") {
		before, after, ok := strings.Cut(line, " - ") // proc_pid_mountinfo(5)
		f, g := strings.Fields(before), strings.Fields(after)
		if !ok || len(f) < 5 || len(g) < 3 {
			continue
		}
		if v2 && g[0] == "cgroup2" || !v2 && g[0] == "cgroup" && hasOption(g[2], "memory") {
			all = append(all, mount{unescape(f[3]), unescape(f[4])})
		}
	}
	return all
}

func hasOption(list, name string) bool {
	for option := range strings.SplitSeq(list, ",") {
		if option == name {
			return true
		}
	}
	return false
}

// unescape undoes what mountinfo does to blanks and the like: \040.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// rooms are what the group's limits leave: a limit, less what the group uses, but for
// what the system can take back at once, the pages of files.
func (g group) rooms(own int64) (all []Room) {
	limits, usage, files := []string{"memory.max", "memory.high"}, "memory.current", []string{"active_file", "inactive_file"}
	if !g.v2 {
		limits, usage, files = []string{"memory.limit_in_bytes"}, "memory.usage_in_bytes", []string{"total_active_file", "total_inactive_file"}
	}
	for _, name := range limits {
		limit, ok := g.number(name)
		if !ok || limit > math.MaxInt64/2 { // version 1 says "no limit" so
			continue
		}
		used, _ := g.number(usage)
		for _, line := range g.s.lines(path.Join(g.dir, "memory.stat")) {
			for _, f := range files {
				if n, found := strings.CutPrefix(line, f+" "); found {
					if n, err := strconv.ParseInt(n, 10, 64); err == nil {
						used -= n
					}
				}
			}
		}
		all = append(all, Room{max(1, limit-max(0, used-own)), fmt.Sprintf("the control group %s (%s)", g.name, name)})
	}
	return all
}

// number is what a file of the group holds, false if that is no number.
func (g group) number(name string) (int64, bool) {
	text, err := fs.ReadFile(g.s.files, path.Join(g.dir, name))
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	return n, err == nil // "max"
}

// lines are those of a file, none if it cannot be read.
func (s system) lines(name string) (all []string) {
	text, err := fs.ReadFile(s.files, name)
	if err != nil {
		return nil
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		all = append(all, lines.Text())
	}
	return all
}

// field is the number of bytes that a file of /proc gives for a name in its lines,
// "name  123456 kB"; 0 if there is none.
func (s system) field(file, name string) int64 {
	for _, line := range s.lines(file) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == name {
			if kb, err := strconv.ParseInt(f[1], 10, 64); err == nil {
				return kb << 10
			}
		}
	}
	return 0
}
