package simd

import "testing"

func TestPeak(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		p := peaksOf(use.name)
		if p.sums < 12 {
			t.Fatalf("%d sums do not hide the latency of a product", p.sums)
		}
		for _, rounds := range []int{-1, 0, 1, 1000} {
			n := max(0, rounds) * p.sums * p.lanes
			if got := PeakFloat(rounds); got != 2*n {
				t.Errorf("PeakFloat(%d) = %d, want %d", rounds, got, 2*n)
			}
			if p.bytes == nil {
				n = 0
			}
			if got := PeakBytes(rounds); got != 8*n {
				t.Errorf("PeakBytes(%d) = %d, want %d", rounds, got, 8*n)
			}
		}
	})
}

func BenchmarkPeak(b *testing.B) {
	const rounds = 10_000
	for name, f := range map[string]func(int) int{"float": PeakFloat, "bytes": PeakBytes} {
		b.Run(name, func(b *testing.B) {
			operations := 0
			for b.Loop() {
				operations += f(rounds)
			}
			b.ReportMetric(float64(operations)/b.Elapsed().Seconds()/1e9, "Gop/s")
		})
	}
}
