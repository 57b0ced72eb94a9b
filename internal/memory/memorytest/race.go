//go:build race

package memorytest

// RaceDetector says that the tests run under it.
const RaceDetector = true
