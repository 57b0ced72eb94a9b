package smttest

import (
	"bytes"
	"testing"

	"github.com/sparse-manifold/smt/cooccur"
)

// Sum carries statistics of shards as bytes, as from other machines, and adds them.
func Sum(t testing.TB, shards []cooccur.Statistics) (sum cooccur.Statistics) {
	t.Helper()
	for _, s := range shards {
		var carried bytes.Buffer
		if err := s.SaveTo(&carried, nil); err != nil {
			t.Fatal(err)
		}
		s, _, err := cooccur.Read(bytes.NewReader(carried.Bytes()), int64(carried.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if sum == nil {
			sum = s
		} else if err := sum.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	return sum
}
