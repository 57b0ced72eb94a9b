package simd

import (
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// fenced is a slice of n values whose last one is followed by memory that cannot be
// touched: a kernel that reads or writes beyond it ends the test.
func fenced[T any](t testing.TB, n int) []T {
	page := os.Getpagesize()
	var value T
	size := n * int(unsafe.Sizeof(value))
	whole := (size + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, whole+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(m) })
	if err := syscall.Mprotect(m[whole:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(m[whole-size:]))), n)[:n:n]
}
