package pace

import (
	"errors"
	"testing"
	"time"
)

func TestInterval(t *testing.T) {
	for took, want := range map[time.Duration]time.Duration{
		0:                2 * time.Minute,
		4 * time.Second:  2 * time.Minute,
		6 * time.Second:  3 * time.Minute,
		10 * time.Second: 5 * time.Minute,
		time.Hour:        5 * time.Minute,
	} {
		if got := interval(took); got != want {
			t.Errorf("after a write of %v the next comes in %v, want %v", took, got, want)
		}
	}
}

// The clock is that of the machine: only what is far from any limit is asked.
func TestPace(t *testing.T) {
	p := Begin()
	if p.Due() || p.Worth(1<<40) {
		t.Error("a write is due at the beginning")
	}
	p.last = p.last.Add(-time.Minute)
	if p.Due() || !p.Worth(1<<40) {
		t.Error("after a minute: due, or not worth a write where other work begins")
	}
	p.last = p.last.Add(-time.Hour)
	if !p.Due() {
		t.Error("after an hour no write is due")
	}
	failure := errors.New("no")
	if err := p.Write(func() error { return failure }); err != failure || p.Due() || p.Worth(1<<40) {
		t.Errorf("a write that failed: %v, due again at once: %v", err, p.Due())
	}

	p = Begin()
	p.last = p.last.Add(-time.Second)
	if !p.Worth(1<<20) || p.Worth(1<<30) {
		t.Error("after a second: a write of a MB is not worth it, or one of a GB is")
	}
	for _, c := range []struct {
		since, took time.Duration
		pays        bool
	}{{0, 0, true}, {0, time.Millisecond, true}, {time.Minute, 28 * time.Second, true}, {time.Second, 28 * time.Second, false}} {
		p := Pace{last: time.Now().Add(-c.since), took: c.took}
		if lost, takes, pays := p.Pays(); pays != c.pays || takes != c.took || lost < c.since {
			t.Errorf("after %v, if the last write took %v, another pays: %v, want %v", lost, takes, pays, c.pays)
		}
	}

	defer func(was time.Duration) { Least = was }(Least)
	Least = 0
	if p := Begin(); !p.Due() || !p.Worth(1<<40) {
		t.Error("without a least time an occasion was not taken")
	}
}
