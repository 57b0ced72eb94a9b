package strictjson

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

type inner struct {
	Kind string `json:"kind"`
}

type outer struct {
	inner
	Atoms int               `json:"atoms"`
	In    []inner           `json:"in"`
	Notes map[string]string `json:"notes"`
}

func TestWhole(t *testing.T) {
	for text, says := range map[string]string{
		`{"atoms":null}`:             `null at "/atoms"`,
		`{"in":[{"kind":null}]}`:     `null at "/in/0/kind"`,
		`null`:                       `null at ""`,
		`{"atoms":1,"atoms":2}`:      `duplicate`,
		`{"atoms":1`:                 `EOF`,
		`{"kind":"null","atoms":7}`:  ``,
		`{"kind":"null","atoms": 7}`: ``,
	} {
		var v outer
		err := Whole([]byte(text), &v)
		if says == "" && (err != nil || v.Atoms != 7) || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: error %v, want %q in it", text, err, says)
		}
	}
}

func TestUnmarshal(t *testing.T) {
	for text, says := range map[string]string{
		`{"atoms":1,"atoms":2}`:              `duplicate object member name "atoms"`,
		`{"kind":"a","kind":"b"}`:            `duplicate object member name "kind"`,
		`{"in":[{"kind":"a","kind":"a"}]}`:   `duplicate object member name "kind" within "/in/0"`,
		`{"notes":{"n":"1","\u006e":"2"}}`:   `duplicate object member name`,
		`{"Atoms":1}`:                        `unknown object member name "Atoms"`,
		`{"in":[{"king":"a"}]}`:              `unknown object member name "king" within "/in/0"`,
		`{"atoms":"1"}`:                      `within "/atoms"`,
		`{"atoms":1.5}`:                      `within "/atoms"`,
		`{"atoms":1} {}`:                     `after top-level value`,
		`{"atoms":1`:                         `EOF`,
		"{\"notes\":{\"n\":\"\xff\"}}":       `UTF-8`,
		`{"atoms":99999999999999999999}`:     `within "/atoms"`,
		`{"notes":` + strings.Repeat("[", 9): `within "/notes"`,
	} {
		var v outer
		if err := Unmarshal([]byte(text), &v); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.60s: error %v, want %q in it", text, err, says)
		}
	}
	// What encoding/json writes is read, and to the same values.
	want := outer{inner{"a"}, 3, []inner{{"b"}, {"é\n<"}}, map[string]string{"A": "1", "a": "2"}}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got outer
	if err := Unmarshal(b, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s became %+v, %v", b, got, err)
	}
}
