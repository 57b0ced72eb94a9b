//go:build race

package dataset

func init() { raceDetector = true }
