package memory

// program is what a program takes that does nothing.
const program = 14 << 20

// Estimate is what a program takes that holds so many bytes in its largest stage.
func Estimate(held float64) int64 { return program + Held(held) }

// Held is what so many bytes more in use add to what a program takes: with them, the
// garbage that waits to be collected (Tune).
func Held(bytes float64) int64 { return int64((1 + garbage/100.0) * bytes) }
