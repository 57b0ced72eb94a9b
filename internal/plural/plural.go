// Package plural words how many of something there are, for messages: one word, but two words.
package plural

import (
	"fmt"
	"strconv"
	"strings"
)

// Apart writes a number with its thousands apart: 10,000.
func Apart(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// ApartOf is Of with thousands apart: "10,000 words".
func ApartOf(n int, noun string) string { return Apart(n) + " " + Noun(n, noun) }

type number interface {
	~int | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Of is n and the noun, which is given for one: "1 word", "0 words", "2 patches". Words may precede the noun.
func Of[N number](n N, noun string) string {
	return fmt.Sprintf("%d %s", n, Noun(n, noun))
}

// Noun is the noun alone, as n of it are called.
func Noun[N number](n N, noun string) string {
	if n == 1 {
		return noun
	}
	last := len(noun) - 1
	switch {
	case strings.HasSuffix(noun, "y") && !strings.ContainsAny(noun[last-1:last], "aeou"):
		return noun[:last] + "ies"
	case strings.HasSuffix(noun, "s"), strings.HasSuffix(noun, "ch"), strings.HasSuffix(noun, "x"):
		return noun + "es"
	}
	return noun + "s"
}
