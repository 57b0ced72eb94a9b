package pieces

import (
	"fmt"
	"strings"
)

// Sizes names the first eight sizes, of what is counted, and sums up the rest: "9, 7 points", or
// "9, 8, 7, 6, 5, 4, 3, 2 points and 4 more of 5 together".
func Sizes(sizes []int, counted string) string {
	const named = 8
	var texts []string
	for _, n := range sizes[:min(named, len(sizes))] {
		texts = append(texts, fmt.Sprint(n))
	}
	text := strings.Join(texts, ", ") + " " + counted
	if len(sizes) <= named {
		return text
	}
	sum := 0
	for _, n := range sizes[named:] {
		sum += n
	}
	return fmt.Sprintf("%s and %d more of %d together", text, len(sizes)-named, sum)
}
