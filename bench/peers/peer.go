package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/sparse-manifold/smt/internal/python"
)

// peer is a process that does the same work as we, again and again.
type peer struct {
	name    string
	process *exec.Cmd
	orders  io.WriteCloser
	replies *bufio.Reader
	note    string // what it says of itself
}

// reply is a line of a peer's standard output.
type reply struct {
	Note    string  `json:"note"`
	Seconds float64 `json:"seconds"`
}

// start runs a script on the arrays in dir until it is ready for orders.
func start(ctx context.Context, e *python.Environment, script, dir string) (*peer, error) {
	p := &peer{name: script, process: e.Command(ctx, script, dir)}
	var err error
	if p.orders, err = p.process.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.replies = bufio.NewReader(out)
	if err := p.process.Start(); err != nil {
		return nil, err
	}
	r, err := p.reply()
	p.note = r.Note
	return p, err
}

// reply reads the next line. A peer without one has failed.
func (p *peer) reply() (reply, error) {
	line, err := p.replies.ReadBytes('\n')
	if err != nil {
		return reply{}, fmt.Errorf("%s.py: ended without a reply: %v", p.name, p.process.Wait())
	}
	return parse(p.name, line)
}

func parse(name string, line []byte) (r reply, err error) {
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("%s.py: reply %q: %w", name, line, err)
	}
	return r, nil
}

func (p *peer) order(what string) (reply, error) {
	if _, err := fmt.Fprintln(p.orders, what); err != nil {
		return reply{}, fmt.Errorf("%s.py: %w", p.name, err)
	}
	return p.reply()
}

// run has the work done once and returns the seconds it took.
func (p *peer) run() (float64, error) {
	r, err := p.order("run")
	if err == nil && r.Seconds <= 0 {
		err = fmt.Errorf("%s.py: took %g s", p.name, r.Seconds)
	}
	return r.Seconds, err
}

// answer has the result of the last run saved, and ends the peer.
func (p *peer) answer() error {
	if _, err := p.order("answer"); err != nil {
		return err
	}
	if err := p.orders.Close(); err != nil {
		return err
	}
	return p.process.Wait()
}

// stop ends the peer, whatever it does.
func (p *peer) stop() {
	if p != nil && p.process.ProcessState == nil {
		_ = p.process.Process.Kill()
		_ = p.process.Wait()
	}
}

// settle is how long a side waits for the other's threads, which spin for some
// time before they sleep.
const settle = 250 * time.Millisecond

// contest has several sides do the work in turn, and returns the least seconds of
// each. In the end all but the last, a peer that may be slow, do it once more.
func contest(name string, rounds int, sides ...func() (float64, error)) ([]float64, error) {
	best := make([]float64, len(sides))
	for round := range rounds + 1 {
		line := name + ":"
		for i, side := range sides {
			if round == rounds && i == len(sides)-1 {
				break
			}
			time.Sleep(settle)
			took, err := side()
			if err != nil {
				return nil, err
			}
			if round == 0 || took < best[i] {
				best[i] = took
			}
			line += fmt.Sprintf(" %.3f s", took)
		}
		progress("%s", line)
	}
	return best, nil
}

// timed is f, as a side of a contest.
func timed(f func() error) func() (float64, error) {
	return func() (float64, error) {
		began := time.Now()
		err := f()
		return time.Since(began).Seconds(), err
	}
}
