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
	Bits  uint8             `json:"bits"`
	Sure  bool              `json:"sure"`
	Ridge float64           `json:"ridge"`
	Word  *word             `json:"word"`
}

// word is read from a text, whatever it is made of.
type word struct{ letters []byte }

func (w *word) UnmarshalText(b []byte) error { w.letters = b; return nil }

func TestWhole(t *testing.T) {
	for text, says := range map[string]string{
		`{"atoms":null}`:             `"atoms" is null: want a value, or not to name it`,
		`{"in":[{"kind":null}]}`:     `"in.0.kind" is null`,
		`null`:                       `the JSON is null`,
		`{"atoms":1,"atoms":2}`:      `"atoms" comes twice`,
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
		`{"atoms":1,"atoms":2}`:              `"atoms" comes twice`,
		`{"kind":"a","kind":"b"}`:            `"kind" comes twice`,
		`{"in":[{"kind":"a","kind":"a"}]}`:   `"in.0.kind" comes twice`,
		`{"notes":{"n":"1","\u006e":"2"}}`:   `"notes.n" comes twice`,
		`{"Atoms":1}`:                        `unknown field "Atoms"`,
		`{"in":[{"king":"a"}]}`:              `unknown field "in.0.king"`,
		`{"atoms":"1"}`:                      `"atoms" is text: want a whole number of 64 bits`,
		`{"atoms":1.5}`:                      `"atoms" is 1.5: want a whole number of 64 bits`,
		`{"atoms":{}}`:                       `"atoms" is an object: want a whole number`,
		`{"atoms":true}`:                     `"atoms" is true: want a whole number`,
		`{"bits":-1}`:                        `"bits" is -1: want a whole number of 8 bits, at least 0`,
		`{"bits":256}`:                       `"bits" is 256: want a whole number of 8 bits, at least 0`,
		`{"in":{}}`:                          `"in" is an object: want a list`,
		`{"in":[7]}`:                         `"in.0" is a number: want an object`,
		`{"sure":"yes"}`:                     `"sure" is text: want true or false`,
		`{"ridge":[]}`:                       `"ridge" is a list: want a number`,
		`{"ridge":1e999}`:                    `"ridge" is 1e999: want a number`,
		`{"kind":7}`:                         `"kind" is a number: want text`,
		`{"word":7}`:                         `"word" is a number: want text`,
		`[1]`:                                `the JSON is a list: want an object`,
		`{"atoms":1} {}`:                     `after top-level value`,
		`{"atoms":1`:                         `not JSON: unexpected EOF, after byte 10`,
		`hello`:                              `not JSON: invalid character 'h' at start of value`,
		"{\"notes\":{\"n\":\"\xff\"}}":       `not JSON: invalid UTF-8 in "notes.n"`,
		`{"atoms":99999999999999999999}`:     `"atoms" is 99999999999999999999: want a whole number of 64 bits`,
		`{"notes":` + strings.Repeat("[", 9): `"notes" is a list: want an object`,
		`{"atoms":` + strings.Repeat("9", 999) + `}`: `9…: want a whole number`,
	} {
		var v outer
		if err := Unmarshal([]byte(text), &v); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "Go ") {
			t.Errorf("%.60s: error %v, want %q in it", text, err, says)
		}
	}
	// What encoding/json writes is read, and to the same values.
	want := outer{inner: inner{"a"}, Atoms: 3, In: []inner{{"b"}, {"é\n<"}}, Notes: map[string]string{"A": "1", "a": "2"}}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got outer
	if err := Unmarshal(b, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s became %+v, %v", b, got, err)
	}
}
