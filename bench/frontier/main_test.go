package main

import (
	"strings"
	"testing"
)

// What is not judged on the test images, or is small, does not replace what was measured.
func TestOthersWantAFile(t *testing.T) {
	for name, m := range map[string]measuring{"quick": {quick: true}, "held out": {holdout: 5}} {
		m.data = t.TempDir() // without the images, so that nothing can be measured
		if err := run(t.Context(), &m, ""); err == nil || !strings.Contains(err.Error(), "want --out FILE") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
