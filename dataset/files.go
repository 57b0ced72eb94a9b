package dataset

// Files are the paths that Open reads for the path of a folder, which stands for all
// that is in it, or of a file: itself, and the labels of an IDX file, found by name.
func Files(path string) []string {
	if labels := labelsBeside(path); labels != "" {
		return []string{path, labels}
	}
	return []string{path}
}
