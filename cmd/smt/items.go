package main

import "context"

// items are what rows are made of, one after the other, and a digest of those whose rows are done.
type items interface {
	noun() string // in the plural
	// len is how many there are, -1 if that is not known.
	len() int
	// whole reports whether rows can be gone on from, from so many on.
	whole(n int) bool
	// until takes the first n into the digest, which were read to be embedded.
	until(n int) error
	// read takes the first n into the digest, which it reads.
	read(ctx context.Context, n int, report func(stage string, done, total int)) error
	// reset begins anew: none is in the digest.
	reset()
	// sum is the digest.
	sum() string
}
