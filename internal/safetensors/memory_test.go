package safetensors

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/memory/memorytest"
)

// A short file with large claims must not cost memory.
func TestSmallFileSmallMemory(t *testing.T) {
	for name, b := range map[string][]byte{
		"header":  binary.LittleEndian.AppendUint64(nil, maxHeader),
		"offsets": raw(`{"a":{"dtype":"U8","shape":[1000000000],"data_offsets":[0,1000000000]}}`, 0),
	} {
		if n := memorytest.Allocated(func() { _, _ = readBytes(b) }); n > 1<<20 {
			t.Errorf("%s: a file of %d bytes took %d bytes of memory", name, len(b), n)
		}
	}
}

// A header costs some times its size, at most 130 MB, and a larger one nothing.
func TestHeaderMemory(t *testing.T) {
	repeat := func(size int, item func(i int) string) string {
		var b strings.Builder
		b.WriteString(`{`)
		for i := 0; b.Len() < size-200; i++ {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(item(i))
		}
		return b.String()
	}
	tensors := func(i int) string { return fmt.Sprintf(`"%x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`, i) }
	texts := func(i int) string { return fmt.Sprintf(`"%x":""`, i) }
	zeros := func(int) string { return "0" }
	for name, header := range map[string]string{
		"tensors":    repeat(maxHeader, tensors) + "}",
		"metadata":   `{"__metadata__":` + repeat(maxHeader, texts) + "}}",
		"dimensions": `{"a":{"shape":[` + repeat(maxHeader, zeros)[1:] + "]}}",
		"brackets":   `{"a":` + strings.Repeat("[", maxHeader-10),
		"spaces":     "{}" + strings.Repeat(" ", maxHeader-2),
	} {
		b := raw(header, 0)
		if n := memorytest.Allocated(func() { _, _ = readBytes(b) }); n > 32*maxHeader {
			t.Errorf("%s: a header of %d bytes took %d bytes of memory", name, len(header), n)
		}
	}
	for _, size := range []int{78_000_000, 100_000_000} {
		b := raw(repeat(size, tensors)+"}", 0)
		var err error
		if n := memorytest.Allocated(func() { _, err = readBytes(b) }); n > 1<<20 || err == nil {
			t.Errorf("a header of %d bytes took %d bytes of memory, error %v", size, n, err)
		}
	}
}
