package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Only reports what a folder of results holds that is not of the command that writes it: ours says
// whether a file or folder there, by its name, is. of names the results, as "a report". What was
// left of an output in the making counts as that output. A folder that is not there holds nothing.
func Only(dir, of string, ours func(name string) bool) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s is no folder that can be read: want one to write to", dir)
	}
	for _, e := range entries {
		if name := e.Name(); !ours(name) && !ours(finished(name)) {
			return Foreign(dir, name, of)
		}
	}
	return nil
}

// Foreign is the error of a folder of results that holds something else.
func Foreign(dir, name, of string) error {
	return fmt.Errorf("%s holds %s, which is not of %s: want another folder, or remove it", dir, name, of)
}

// finished is the name of an output whose name in the making is given.
func finished(name string) string {
	for _, end := range []string{".old", fresh, Partial} {
		name = strings.TrimSuffix(name, end)
	}
	return name
}
