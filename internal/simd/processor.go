package simd

import (
	"bufio"
	"os"
	"runtime"
	"strings"
)

// Processor is the name of the processor, as far as the system tells.
func Processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if key, name, found := strings.Cut(s.Text(), ":"); found && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(name)
		}
	}
	return runtime.GOARCH
}
