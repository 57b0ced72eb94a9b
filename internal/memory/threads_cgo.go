//go:build cgo

package memory

// threadArena is the addresses that a thread takes beside its stack. Where there is a C
// compiler Go's net package links the C library, which makes threads, with a stack of
// ulimit -s each, and gives each an arena of its own.
const threadArena = 64 << 20
