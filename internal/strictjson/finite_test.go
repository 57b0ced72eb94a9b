package strictjson_test

import (
	"math"
	"testing"

	"github.com/sparse-manifold/smt/internal/strictjson"
)

func TestNotFinite(t *testing.T) {
	type config struct {
		Atoms int     `json:"atoms"`
		Ridge float64 `json:"ridge"`
		Close float32 `json:"close,omitempty"`
	}
	for want, c := range map[string]config{
		"":      {1, -math.MaxFloat64, math.MaxFloat32},
		"ridge": {1, math.Inf(-1), float32(math.Inf(1))},
		"close": {1, 0, float32(math.NaN())},
	} {
		field, value := strictjson.NotFinite(c)
		if field != want || (want != "") != (value-value != 0) {
			t.Errorf("%v: field %q, value %g, want %q", c, field, value, want)
		}
	}
}
