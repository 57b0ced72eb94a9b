// Package atomicfile writes files whole or not at all: a reader sees the former file,
// if any, until the new one is complete and on disk.
package atomicfile

// Write writes b to the file at path.
func Write(path string, b []byte) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Cleanup() }() // does nothing after the commit below
	if _, err := f.Write(b); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}
