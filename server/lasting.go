package server

import (
	"context"
	"sync"
)

// long is a question about all items, whose answer takes long and is kept.
type long struct {
	kind string // of the answer: the last one of each kind is kept
	of   any    // what is asked, to be compared
	find func(ctx context.Context) (any, error)
	some func(all any) any // the part of the answer that is asked for; nil for all
}

// part is what is asked for of an answer.
func (q *long) part(answer any) any {
	if q.some == nil {
		return answer
	}
	return q.some(answer)
}

// lasting is answers that are kept, and why the last work failed that nobody waited for.
type lasting struct {
	mu     sync.Mutex
	last   map[string]lastAnswer // by their kind
	failed *failure
}

type lastAnswer struct{ of, answer any }

type failure struct {
	kind string
	of   any
	err  error
}

// get is the answer to a question, nil if it is not kept.
func (l *lasting) get(q *long) any {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.last[q.kind]; a.of == q.of {
		return a.answer
	}
	return nil
}

func (l *lasting) keep(q *long, answer any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last = map[string]lastAnswer{}
	}
	l.last[q.kind] = lastAnswer{q.of, answer}
}

func (l *lasting) fail(q *long, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = &failure{q.kind, q.of, err}
}

// fault is why work on a question failed. It is told once: who asks again after that begins the work again.
func (l *lasting) fault(q *long) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.failed
	if f == nil || f.kind != q.kind || f.of != q.of {
		return nil
	}
	l.failed = nil
	return f.err
}
