//go:build race

package memorytest

func init() { raceDetector = true }
