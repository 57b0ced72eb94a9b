package answers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/memory/memorytest"
)

// names are ids in order. They count how often one is read.
type names struct {
	ids  []string
	read int
}

func (n *names) Len() int { return len(n.ids) }
func (n *names) ID(i int) (string, error) {
	n.read++
	return n.ids[i], nil
}

// Numbers of ids are their places in a list of them.
func TestNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := &names{ids: rapid.SliceOfDistinct(rapid.String(), rapid.ID).Draw(t, "ids")}
		n, err := NumbersOf(context.Background(), of)
		if err != nil || n.Len() != len(of.ids) {
			t.Fatal(n, err)
		}
		for _, id := range append([]string{rapid.String().Draw(t, "another")}, of.ids...) {
			if got, err := n.Of(id); err != nil || got != slices.Index(of.ids, id) {
				t.Fatalf("%q is item %d, %v: want %d", id, got, err, slices.Index(of.ids, id))
			}
		}
	})
}

// Ids of one hash are told apart.
func TestNumbersOfOneHash(t *testing.T) {
	of := &names{ids: []string{"a", "b", "c"}}
	n, err := NumbersOf(t.Context(), of)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n.sorted { // as if all had that of "c"
		n.sorted[i] = n.first("c") | uint64(i)
	}
	if got, err := n.Of("c"); got != 2 || err != nil {
		t.Errorf("the third is item %d, %v", got, err)
	}
}

// Of a million ids few are read for each that is asked for, and 8 bytes are held for each.
func TestNumbersOfAMillion(t *testing.T) {
	const million = 1_000_000
	of := &names{ids: make([]string, 0, million)}
	for i := range million {
		of.ids = append(of.ids, fmt.Sprintf("album/%d.jpg", i))
	}
	var n *Numbers
	var err error
	took := memorytest.Allocated(func() { n, err = NumbersOf(t.Context(), of) })
	if err != nil || of.read != million {
		t.Fatalf("%v, %d ids read", err, of.read)
	}
	if took > 8*million+64<<10 {
		t.Errorf("%d bytes were taken, want 8 an item", took)
	}
	of.read = 0
	const asked = 1000
	for i := range asked {
		want := i * (million / asked)
		if got, err := n.Of(of.ids[want]); got != want || err != nil {
			t.Fatalf("%q is item %d, %v", of.ids[want], got, err)
		}
	}
	if got, err := n.Of("none.jpg"); got != -1 || err != nil {
		t.Errorf("what is no id is item %d, %v", got, err)
	}
	if of.read > 2*asked { // another of the same 32 bits is one in 4,295
		t.Errorf("%d ids were read for %d", of.read, asked)
	}
}

// Who has left ends it.
func TestNumbersEnd(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := NumbersOf(ctx, &names{ids: []string{"a"}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
