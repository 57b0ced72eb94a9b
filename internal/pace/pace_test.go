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
	if p.Due() || p.Worth() {
		t.Error("a write is due at the beginning")
	}
	p.last = p.last.Add(-time.Minute)
	if p.Due() || !p.Worth() {
		t.Error("after a minute: due, or not worth a write where other work begins")
	}
	p.last = p.last.Add(-time.Hour)
	if !p.Due() {
		t.Error("after an hour no write is due")
	}
	failure := errors.New("no")
	if err := p.Write(func() error { return failure }); err != failure || p.Due() || p.Worth() {
		t.Errorf("a write that failed: %v, due again at once: %v", err, p.Due())
	}

	defer func(was time.Duration) { Least = was }(Least)
	Least = 0
	if p := Begin(); !p.Due() || !p.Worth() {
		t.Error("without a least time an occasion was not taken")
	}
}
