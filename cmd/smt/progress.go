package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
)

// progress shows how far work has come: a bar for each stage on a terminal, a
// line now and then elsewhere.
type progress struct {
	out      io.Writer // nil shows nothing
	warnings io.Writer
	bars     bool
	bytes    bool // amounts are bytes
	every    time.Duration
	after    time.Duration // a stage that ends sooner is not shown

	stage        string
	done, total  int64
	from         int64 // done when the stage began: work that is resumed
	began, shown time.Time
	bar          *progressbar.ProgressBar
}

func (a *app) newProgress() *progress {
	p := &progress{out: a.stderr, warnings: visible{a.stderr, true}, every: a.every}
	if a.quiet {
		p.out = nil
	}
	if f, ok := a.stderr.(*os.File); ok {
		p.bars = term.IsTerminal(int(f.Fd()))
	}
	return p
}

// newAskingProgress is for what often takes no time: asking an index.
func (a *app) newAskingProgress() *progress {
	p := a.newProgress()
	p.after = time.Second
	return p
}

// report has the signature that smt.Progress wants.
func (p *progress) report(stage string, done, total int) {
	p.report64(stage, int64(done), int64(total))
}

// reading is told how many images are read.
func (p *progress) reading(done, total int) { p.report("reading images", done, total) }

// report64 has the signature of fetch.Options.Progress.
func (p *progress) report64(stage string, done, total int64) {
	if total >= 1 {
		p.show(stage, done, total)
	}
}

// unknown is a total that nobody knows.
const unknown = -1

func (p *progress) show(stage string, done, total int64) {
	if p.out == nil {
		return
	}
	// The same stage may come twice, as for two splits.
	goesOn := stage == p.stage && done >= p.done
	switch {
	case goesOn && total != p.total && p.done < p.total: // the goal of a search moves
		p.total = total
		if p.bar != nil {
			p.bar.ChangeMax64(total)
		}
	case !goesOn || total != p.total:
		p.close()
		p.stage, p.total, p.from = stage, total, done
		p.began, p.shown = time.Now(), time.Time{}
	}
	p.done = done
	if p.bar == nil && p.shown.IsZero() && time.Since(p.began) < p.after {
		return
	}
	if p.bars {
		p.draw()
	} else {
		p.line()
	}
}

// frames reports how many frames of film were read, of nobody knows how many.
func (p *progress) frames(n int) { p.show("reading frames", int64(n), unknown) }

// warn has the signature that smt.Warn wants. Whoever wants to see no progress sees it too.
func (p *progress) warn(err error) {
	p.close()
	fmt.Fprintln(p.warnings, err)
}

func (p *progress) draw() {
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(p.total,
			progressbar.OptionSetWriter(p.out),
			progressbar.OptionSetDescription(fmt.Sprintf("%-16s", p.stage)),
			progressbar.OptionSetWidth(30),
			progressbar.OptionShowBytes(p.bytes),
			progressbar.OptionShowCount(),
			progressbar.OptionShowElapsedTimeOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetRenderBlankState(true))
	}
	_ = p.bar.Set64(p.done) // a bar that cannot be drawn stops no work
}

func (p *progress) line() {
	now := time.Now()
	end := p.total != unknown && p.done >= p.total
	if !end && now.Sub(p.shown) < p.every {
		return
	}
	spent := now.Sub(p.began)
	switch {
	case p.total == unknown:
		fmt.Fprintf(p.out, "%s: %s so far\n", p.stage, p.amount(p.done))
	case end && p.total == 1:
		fmt.Fprintf(p.out, "%s: done in %s\n", p.stage, brief(spent))
	case p.total == 1: // a stage that does not tell how far it is
		fmt.Fprintf(p.out, "%s\n", p.stage)
	case end:
		fmt.Fprintf(p.out, "%s: %s, done in %s\n", p.stage, p.amount(p.total), brief(spent))
	case p.done == p.from:
		fmt.Fprintf(p.out, "%s: %s of %s\n", p.stage, p.amount(p.done), p.amount(p.total))
	default:
		left := time.Duration(float64(spent) * float64(p.total-p.done) / float64(p.done-p.from))
		fmt.Fprintf(p.out, "%s: %s of %s, %.0f %%, %s left\n", p.stage, p.amount(p.done), p.amount(p.total),
			100*float64(p.done)/float64(p.total), brief(left))
	}
	p.shown = now
}

// close ends the line of a bar. Reports may go on, of another stage.
func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Exit()
		fmt.Fprintln(p.out)
	}
	p.bar, p.stage, p.done = nil, "", 0
}

func (p *progress) amount(n int64) string {
	if p.bytes {
		return size(n)
	}
	return count(int(n))
}

// count writes a number with its thousands apart.
func count(n int) string { return plural.Apart(n) }

// numberOf is how many of a noun there are, with thousands apart.
func numberOf(n int, noun string) string { return plural.ApartOf(n, noun) }

// size writes a number of bytes.
func size(n int64) string { return memory.Size(n) }

func printPeak(w io.Writer, n int64) {
	text := "not told by this system"
	if n > 0 {
		text = size(n)
	}
	fmt.Fprintf(w, "peak memory\t%s\n", text)
}

// brief writes a duration as finely as anyone cares.
func brief(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", math.Max(0, d.Seconds()))
	}
	return d.Round(time.Second).String()
}
