package report

import (
	"os"
	"path/filepath"
	"testing"
)

func TestToy(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "toy")
	var sums []*Toy
	for range 2 { // the second time over the first
		sum, err := WriteToy(t.Context(), dir, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, sum)
	}
	checkPage(t, string(read(t, sums[0].Page)))
	if sums[0].Bytes != sums[1].Bytes || sums[0].Pictures != 6 || sums[0].Bytes > 2<<20 {
		t.Errorf("%d pictures, %d and %d bytes", sums[0].Pictures, sums[0].Bytes, sums[1].Bytes)
	}
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteToy(t.Context(), dir, 1, nil); err == nil {
		t.Error("a folder with another file was written over")
	}
}
