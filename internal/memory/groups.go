package memory

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
)

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
