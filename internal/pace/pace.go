// Package pace says when work that is on its way is written to disk: often enough that
// a kill loses minutes, seldom enough that writing costs a few percent.
package pace

import "time"

// Least is the time between two writes where writing is fast. Where it is slow the time
// grows up to 5/2 of it, five minutes. Tests set it to 0: every occasion is then taken.
var Least = 2 * time.Minute

// share is what writing may take of the time: one part of so many, up to the five minutes.
const share = 30

// Pace keeps the times of writes. Begin makes one.
type Pace struct {
	last time.Time     // end of the last write
	took time.Duration // by it
}

// Begin is the pace of work that begins now.
func Begin() *Pace { return &Pace{last: time.Now()} }

// Due reports, while work goes on, whether it is time to write.
func (p *Pace) Due() bool { return time.Since(p.last) >= interval(p.took) }

// Worth reports, where other work is to begin, whether what was done since the last
// write is worth one of so many bytes: half a minute is, and ten times what the write takes on a slow disk.
func (p *Pace) Worth(bytes int64) bool {
	since := time.Since(p.last)
	return since >= Least/4 || since.Seconds() >= 10*float64(bytes)/slowDisk
}

// slowDisk is the bytes that a slow disk writes in a second.
const slowDisk = 100 << 20

// Pays reports, where whoever waits has asked for an end, whether what was done since the last write is
// worth another: one of a second is, and one that takes less than it would take to do that again. If it does not, lost
// is how long the work took, and takes how long the last write did.
func (p *Pace) Pays() (lost, takes time.Duration, pays bool) {
	lost = time.Since(p.last)
	return lost, p.took, p.took <= brief || lost >= p.took
}

// brief is how long a write may take that nobody minds. Tests change it.
var brief = time.Second

// Write runs a write and times it. One that fails is tried again when the next is due.
func (p *Pace) Write(write func() error) error {
	began := time.Now()
	err := write()
	p.last = time.Now()
	p.took = p.last.Sub(began)
	return err
}

// interval is the time from the end of a write that took so long to the next.
func interval(took time.Duration) time.Duration {
	return min(max(Least, share*took), Least*5/2)
}
