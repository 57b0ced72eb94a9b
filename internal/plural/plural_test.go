package plural

import "testing"

func TestOf(t *testing.T) {
	for want, got := range map[string]string{
		"1 word":        Of(1, "word"),
		"0 words":       Of(0, "word"),
		"-1 words":      Of(-1, "word"),
		"2 test images": Of(int64(2), "test image"),
		"1 entry":       Of(uint16(1), "entry"),
		"3 entries":     Of(3, "entry"),
		"4 patches":     Of(4, "patch"),
		"5 passes":      Of(uint32(5), "pass"),
		"6 classes":     Of(6, "class"),
		"2 keys":        Of(2, "key"),
		"1 class":       Of(1, "class"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestApart(t *testing.T) {
	for n, want := range map[int]string{0: "0", -1: "-1", 999: "999", 1000: "1,000", -999: "-999", -1000: "-1,000", 65_536: "65,536", 1_234_567: "1,234,567"} {
		if got := Apart(n); got != want {
			t.Errorf("%d is written %q, want %q", n, got, want)
		}
	}
}
