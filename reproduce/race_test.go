//go:build race

package reproduce

func init() { raceDetector = true }
