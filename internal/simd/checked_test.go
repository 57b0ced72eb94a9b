//go:build checked

package simd

import "testing"

// A checked build notices numbers that do not increase.
func TestCheckedOrder(t *testing.T) {
	table := make([]float32, 32*9)
	if !panics(func() { Gather([]uint16{3, 1}, make([]float32, 2), table, 32, make([]float32, 32)) }) {
		t.Error("Gather took an index that does not increase")
	}
	if !panics(func() {
		SumWords([]int32{0, 2}, []uint16{3, 1}, make([]uint16, 32*9), make([]float32, 32), make([]float32, 32), 32)
	}) {
		t.Error("SumWords took numbers that do not increase")
	}
}
