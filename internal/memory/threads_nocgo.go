//go:build !cgo

package memory

// threadArena is 0: threads are Go's own, and take next to nothing.
const threadArena = 0

const otherBuild = ""
