package smt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ranges are numbers of images, each range from the first of its numbers to the one before its second. They are
// sorted, and no two touch.
type ranges [][2]int

// rangeOf is the numbers from first to end−1.
func rangeOf(first, end int) ranges {
	r, _ := ranges{}.with(ranges{{first, end}})
	return r
}

// with are the ranges and others, or numbers that both have.
func (r ranges) with(others ranges) (all, both ranges) {
	sorted := slices.Concat(r, others)
	slices.SortFunc(sorted, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	for _, next := range sorted {
		last := len(all) - 1
		switch {
		case next[0] == next[1]:
		case last < 0 || next[0] > all[last][1]:
			all = append(all, next)
		case next[0] < all[last][1]:
			both = append(both, [2]int{next[0], min(next[1], all[last][1])})
			all[last][1] = max(all[last][1], next[1])
		default:
			all[last][1] = next[1]
		}
	}
	return all, both
}

// without are the numbers below n that are in no range.
func (r ranges) without(n int) (missing ranges) {
	at := 0
	for _, next := range append(slices.Clone(r), [2]int{n, n}) {
		if next[0] > at {
			missing = append(missing, [2]int{at, next[0]})
		}
		at = next[1]
	}
	return missing
}

// check reports what are no ranges of numbers below n.
func (r ranges) check(n int) error {
	at := -1
	for _, next := range r {
		if next[0] <= at || next[1] <= next[0] || next[1] > n {
			return fmt.Errorf("ranges of %v: want numbers below %d, sorted and apart", r, n)
		}
		at = next[1]
	}
	return nil
}

// images is how many numbers there are.
func (r ranges) images() (n int) {
	for _, next := range r {
		n += next[1] - next[0]
	}
	return n
}

// String is the first few of the ranges, as "0 to 99, 200 to 299 and 3 more".
func (r ranges) String() string {
	const most = 4
	var said []string
	for _, next := range r[:min(most, len(r))] {
		last := next[1] - 1
		text := strconv.Itoa(next[0])
		if last > next[0] {
			text += " to " + strconv.Itoa(last)
		}
		said = append(said, text)
	}
	text := strings.Join(said, ", ")
	if more := len(r) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return "images " + text
}
