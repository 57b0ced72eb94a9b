package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An image at the end that can no longer be read costs no row before it.
func TestEmbedKeepsRowsBeforeAnError(t *testing.T) {
	const images, record = block + 4, 1 + 32*32*3
	data := filepath.Join(t.TempDir(), "data_batch_1.bin")
	whole := make([]byte, images*record)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range whole {
		if whole[i] = byte(r.UintN(256)); i%record == 0 {
			whole[i] %= 10
		}
	}
	write(t, data, whole)
	model := fitSmall(t, data)
	path, want := filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "whole")
	must(t, "embed", model, data, "-o", want)
	cut := &cancelAt{line: "embedding: 0 of", cancel: func() {
		if err := os.Truncate(data, images*record-9); err != nil {
			t.Error(err)
		}
	}}
	var stdout bytes.Buffer
	a := newApp(&stdout, cut)
	a.every = 0
	code := a.main(t.Context(), []string{"embed", model, data, "-o", path})
	outcome{code, stdout.String(), cut.told.String()}.wantFailure(t, exitFailure, data, "192 of 196 rows")
	write(t, data, whole)
	if o := watch(t, "embed", model, data, "-o", path); o.code != 0 || !strings.Contains(o.stderr, "going on from the 192 rows") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	if !bytes.Equal(read(t, path), read(t, want)) {
		t.Error("the arrays differ")
	}
}
