package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgressLines(t *testing.T) {
	var b bytes.Buffer
	p := &progress{out: &b, every: time.Hour}
	for _, done := range []int{0, 500, 1000, 1500, 2000} {
		p.report("statistics", done, 2000)
	}
	p.report("solving", 0, 1)
	p.report("solving", 1, 1)
	p.report("embedding", 0, 10) // and the same again, for another split
	p.report("embedding", 10, 10)
	p.report("embedding", 0, 10)
	p.close()
	var stages []string
	for line := range strings.Lines(b.String()) {
		stages = append(stages, line[:strings.IndexAny(line+":", ":\n")])
	}
	want := "statistics statistics solving solving embedding embedding embedding"
	if got := strings.Join(stages, " "); got != want {
		t.Errorf("lines are of %s, want %s:\n%s", got, want, &b)
	}

	b.Reset()
	p = &progress{out: &b}
	p.report("statistics", 500, 2000)
	p.report("statistics", 1000, 2000)
	if !strings.Contains(b.String(), "1,000 of 2,000, 50 %") || !strings.Contains(b.String(), "left") {
		t.Errorf("a line in the middle is %q", b.String())
	}

	// A goal that moves is the same work: the time is that of all of it.
	b.Reset()
	p = &progress{out: &b}
	p.report("solving", 0, 300)
	p.began = time.Now().Add(-100 * time.Second)
	p.report("solving", 300, 330)
	p.report("solving", 308, 308)
	if text := b.String(); !strings.Contains(text, "300 of 330, 91 %, 10.0 s left") || !strings.Contains(text, "solving: 308, done in 1m40s") {
		t.Errorf("a goal that moves: %q", text)
	}

	// What ends soon is not shown, and what does not is.
	b.Reset()
	p = &progress{out: &b, after: time.Hour}
	p.report("hubs", 0, 10)
	p.report("hubs", 10, 10)
	p.report("reading", 0, 10)
	p.began = time.Now().Add(-2 * time.Hour)
	p.report("reading", 5, 10)
	p.report("reading", 10, 10)
	if text := b.String(); !strings.HasPrefix(text, "reading: 5 of 10, 50 %") || strings.Count(text, "\n") != 2 {
		t.Errorf("after an hour: %q", text)
	}

	// Of what nobody knows the end of, none is invented.
	b.Reset()
	p = &progress{out: &b}
	p.frames(1)
	p.frames(1500)
	if text := b.String(); text != "reading frames: 1 so far\nreading frames: 1,500 so far\n" {
		t.Errorf("frames: %q", text)
	}

	// Work that was resumed at 900: 100 in ten seconds, 1,000 to go.
	b.Reset()
	p = &progress{out: &b}
	p.report("embedding", 900, 2000)
	p.began = time.Now().Add(-10 * time.Second)
	p.report("embedding", 1000, 2000)
	if !strings.Contains(b.String(), ", 1m40s left") {
		t.Errorf("resumed work says %q, want 1m40s left", b.String())
	}
}

func TestProgressBars(t *testing.T) {
	var b bytes.Buffer
	p := &progress{out: &b, bars: true}
	p.report("statistics", 0, 100)
	p.report("statistics", 100, 100)
	p.report64("a.gz", 10, 1000)
	p.report("solving", 1, 3)
	p.report("solving", 4, 5)
	p.frames(1)
	p.frames(2)
	p.report64("nothing", 0, 0)
	p.close()
	p.close()
	for _, says := range []string{"statistics", "100%", "a.gz"} {
		if !strings.Contains(b.String(), says) {
			t.Errorf("bars do not show %q: %q", says, b.String())
		}
	}
}

func TestProgressQuiet(t *testing.T) {
	o := smtRun(t, append([]string{"fit", idxData(t, 40, 0), "-o", t.TempDir() + "/model"}, small...)...)
	if o.code != 0 || o.stderr != "" {
		t.Errorf("exit code %d, and on standard error %q", o.code, o.stderr)
	}
}

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		count(0): "0", count(999): "999", count(1000): "1,000", count(1234567): "1,234,567",
		size(12): "12 B", size(1536): "1.5 KiB", size(3 << 20): "3.0 MiB", size(5 << 29): "2.50 GiB",
		brief(1500 * time.Millisecond): "1.5 s", brief(125 * time.Second): "2m5s",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
