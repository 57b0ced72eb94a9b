package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// slowSum is the sum by its definition.
func slowSum(t testing.TB, src Source, first int) *big.Int {
	t.Helper()
	sum, pix := new(big.Int), make([]uint8, src.Shape().Len())
	for i := range src.Len() {
		if err := src.Image(i, pix); err != nil {
			t.Fatal(err)
		}
		b := binary.LittleEndian.AppendUint64(nil, uint64(first+i))
		b = binary.LittleEndian.AppendUint64(b, uint64(src.Label(i)))
		digest := sha256.Sum256(append(b, pix...))
		slices.Reverse(digest[:]) // the lowest byte comes first
		sum.Add(sum, new(big.Int).SetBytes(digest[:]))
	}
	return sum.Mod(sum, new(big.Int).Lsh(big.NewInt(1), 256))
}

// Sums of parts, by any number of workers, add up to that of all, which is the one of the definition.
func TestSumsAddUp(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rapid.Check(t, func(rt *rapid.T) {
		runtime.GOMAXPROCS(rapid.IntRange(1, 5).Draw(rt, "workers"))
		n := rapid.SampledFrom([]int{0, 1, 7, 300, 600}).Draw(rt, "images")
		src := patterns{n, Shape{2, 3, 1}, new(atomic.Int64)}
		cuts := append(rapid.SliceOfN(rapid.IntRange(0, n), 0, 4).Draw(rt, "cuts"), 0, n)
		slices.Sort(cuts)
		var parts []Sum
		for i := range len(cuts) - 1 {
			part := Slice(src, cuts[i], cuts[i+1])
			done := 0
			s, err := SumOf(t.Context(), part, cuts[i], func(d, total int) {
				if d < done || total != part.Len() {
					rt.Errorf("%d of %d after %d", d, total, done)
				}
				done = d
			})
			if err != nil || done != part.Len() {
				rt.Fatal(err, done)
			}
			parts = append(parts, s)
		}
		var sum Sum
		for _, s := range rapid.Permutation(parts).Draw(rt, "order") {
			sum.Add(s)
		}
		text, err := sum.MarshalText()
		if err != nil {
			rt.Fatal(err)
		}
		if want := slowSum(t, src, 0); strings.TrimLeft(string(text), "0") != strings.TrimLeft(want.Text(16), "0") || len(text) != 64 {
			rt.Fatalf("sum %s, want %s", text, want.Text(16))
		}
		whole, err := Fingerprint(t.Context(), src, nil)
		if err != nil || whole != sum.Fingerprint(src.Shape(), n) {
			rt.Fatalf("fingerprint %s of all, %s of the parts: %v", whole, sum.Fingerprint(src.Shape(), n), err)
		}
	})
}

// A sum is written as text and read back, and no other text is one.
func TestSumAsText(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := Sum(rapid.SliceOfN(rapid.Uint64(), 4, 4).Draw(rt, "sum"))
		b, err := json.Marshal(want)
		if err != nil {
			rt.Fatal(err)
		}
		var got Sum
		if err := json.Unmarshal(b, &got); err != nil || got != want {
			rt.Fatalf("%s is read as %v: %v", b, got, err)
		}
		at := rapid.IntRange(1, len(b)-2).Draw(rt, "at")
		b[at] = rapid.SampledFrom([]byte("gG -xA")).Draw(rt, "by")
		if err := json.Unmarshal(b, &got); err == nil {
			rt.Fatalf("%s is taken", b)
		}
	})
	var s Sum
	for _, wrong := range []string{"", strings.Repeat("0", 63), strings.Repeat("0", 65), strings.Repeat("0", 66)} {
		if s.UnmarshalText([]byte(wrong)) == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

// Images are told by fingerprints of earlier software too, and from others.
func TestHasFingerprint(t *testing.T) {
	src := patterns{9, Shape{2, 3, 1}, new(atomic.Int64)}
	former, err := formerFingerprint(t.Context(), src, nil)
	if err != nil {
		t.Fatal(err)
	}
	now, err := Fingerprint(t.Context(), src, nil)
	if err != nil || now == former {
		t.Fatal(now, former, err)
	}
	for fingerprint, want := range map[string]bool{former: true, now: true, strings.Repeat("0", 64): false, "": false} {
		if got, err := HasFingerprint(t.Context(), src, fingerprint, nil); err != nil || got != want {
			t.Errorf("%q: %v, %v", fingerprint, got, err)
		}
	}
	if got, err := HasFingerprint(t.Context(), Pick(src, []int{1, 0, 2, 3, 4, 5, 6, 7, 8}), now, nil); err != nil || got {
		t.Errorf("images in another order have the same fingerprint: %v, %v", got, err)
	}
}

// Images in memory are those that were put there.
func TestInMemory(t *testing.T) {
	s := Shape{1, 2, 3}
	src := InMemory(s, []uint8{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	pix := make([]uint8, 8)
	if err := src.Image(1, pix); err != nil || !slices.Equal(pix, []uint8{6, 7, 8, 9, 10, 11, 0, 0}) || src.Len() != 2 || src.Shape() != s || src.Label(0) != -1 || src.ID(1) != "1" {
		t.Errorf("image 1 of %d is %v: %v", src.Len(), pix, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("half an image is taken")
		}
	}()
	InMemory(s, make([]uint8, 9))
}

func TestLeaveOut(t *testing.T) {
	src := LeaveOut(patterns{6, Shape{1, 1, 1}, new(atomic.Int64)}, []string{"4", "0", "no such"})
	var ids []string
	for i := range src.Len() {
		ids = append(ids, src.ID(i))
	}
	if !slices.Equal(ids, []string{"1", "2", "3", "5"}) {
		t.Errorf("images %v are left", ids)
	}
}
