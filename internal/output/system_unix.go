//go:build unix

package output

import "syscall"

// noFollow has a link or a FIFO at the name of a temporary file noticed: it was not
// made here, and writing to it would write elsewhere, or wait.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// renamesOpen is that a file that is open can be renamed.
const renamesOpen = true
