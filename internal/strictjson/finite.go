package strictjson

import (
	"math"
	"reflect"
	"strings"
)

// NotFinite is the name and the value of the first field of a struct that no JSON can have: NaN or an infinite number. field
// is "" if there is none. Only the struct's own fields are looked at.
func NotFinite(of any) (field string, value float64) {
	v := reflect.ValueOf(of)
	for i := range v.NumField() {
		if !v.Field(i).CanFloat() {
			continue
		}
		if x := v.Field(i).Float(); math.IsNaN(x) || math.IsInf(x, 0) {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			return name, x
		}
	}
	return "", 0
}
