package reproduce

import (
	"time"

	"github.com/sparse-manifold/smt/internal/memory"
)

// Cost is what a piece of work took, over all the runs it was done in.
type Cost struct {
	Seconds float64 `json:"seconds"`
	Peak    int64   `json:"peak_rss_bytes"`
}

func (c Cost) plus(d Cost) Cost { return Cost{c.Seconds + d.Seconds, max(c.Peak, d.Peak)} }

// measured does work and adds what it took to the cost, if it fails too. Where the
// system does not forget a peak, that of earlier work counts for later work.
func measured(c *Cost, work func() error) error {
	memory.ResetPeak()
	began := time.Now()
	err := work()
	*c = c.plus(Cost{time.Since(began).Seconds(), memory.Peak()})
	return err
}
