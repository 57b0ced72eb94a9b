package memory

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
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
