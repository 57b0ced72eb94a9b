package memory

import (
	"runtime"
	"testing"
)

// A peak is at least what is in use, and forgotten when reset.
func TestPeak(t *testing.T) {
	const size = 256 << 20
	hold := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		hold[i] = 1
	}
	high := Peak()
	if high == 0 {
		t.Skip("the system does not tell")
	}
	if high < size {
		t.Errorf("the peak is %d bytes with %d in use", high, size)
	}
	runtime.KeepAlive(hold)
	hold = nil
	if !ResetPeak() {
		t.Skip("the system does not forget")
	}
	if low := Peak(); low >= high-size/2 {
		t.Errorf("the peak is %d bytes after it was reset, %d before", low, high)
	}
	_ = hold
}

func TestAvailable(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("told on Linux only")
	}
	if a, all := Available().Bytes, Total(); a <= 0 || all < a {
		t.Errorf("%d bytes available of %d", a, all)
	}
}
