//go:build race

package smt_test

func init() { raceDetector = true }
