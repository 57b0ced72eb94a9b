//go:build checked

package simd

// checked says that wrappers check what would cost time to check, and what callers
// have to see to. make checked and make fuzz set it, by the build tag of this name.
const checked = true
