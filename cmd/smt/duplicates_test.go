package main

import (
	"path/filepath"
	"testing"
)

// Equal files are named where no threshold can be chosen.
func TestDuplicatesThatAreEqual(t *testing.T) {
	data := pngData(t, 6)
	for _, name := range []string{"a.png", "b.png"} {
		write(t, filepath.Join(data, "class0", name), read(t, filepath.Join(data, "class0", "0000.png")))
	}
	path := indexOf(t, data)
	wantText(t, "duplicates", must(t, "duplicates", path, "--quiet"), "3 items of 8, in 1 group", "none sets any of 8 items apart", "these are equal", "class0/a.png", "cosine 1.000, margin ")
	r := mustJSON(t, []string{"groups"}, "duplicates", path)
	if groups := r["groups"].([]any); len(groups) != 1 || len(groups[0].([]any)) != 3 {
		t.Errorf("groups are %v", groups)
	}
}
