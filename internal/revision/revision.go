// Package revision tells which source the program was built from.
package revision

import "runtime/debug"

// Of is the revision in version control, and whether the source had changes since then:
// "" where the build does not tell.
func Of() (revision string, modified bool) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", false
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.modified":
			modified = s.Value == "true"
		}
	}
	return revision, modified
}
