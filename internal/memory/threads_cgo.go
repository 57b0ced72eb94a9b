//go:build cgo

package memory

// threadArena is the addresses that a thread takes beside its stack. Where there is a C
// compiler Go's net package links the C library, which makes threads, with a stack of
// ulimit -s each, and gives each an arena of its own.
const threadArena = 64 << 20

// otherBuild says how to need less: no build tag that a source file can set leaves out the C
// library.
const otherBuild = ", or a program built with CGO_ENABLED=0, whose threads take next to nothing"
