package memory

import "fmt"

// Enough says so if work takes more memory than there is room for.
func (r Room) Enough(work string, need int64) error {
	if r.Bytes == 0 || need <= r.Bytes {
		return nil
	}
	return fmt.Errorf("%s takes about %s of memory, and %s allows %s", work, Size(need), r.By, Size(r.Bytes))
}

// Beside is how many bytes more a program can hold in the room beside so many, with the garbage that waits (Held), 1 at least; 0 where
// the system does not tell.
func (r Room) Beside(held float64) float64 {
	if r.Bytes == 0 {
		return 0
	}
	return max(1, float64(r.Bytes)/(1+garbage/100.0)-held)
}

// Size writes a number of bytes.
func Size(n int64) string {
	switch f := float64(n); {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", f/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.1f MiB", f/(1<<20))
	default:
		return fmt.Sprintf("%.2f GiB", f/(1<<30))
	}
}
