// Package strictjson reads JSON in which every name stands once and means something.
// encoding/json takes the last of two equal names, and a name in other letters for its
// own, so that two readers could see two things in one file.
package strictjson

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Unmarshal reads the one JSON value in b into what v points to. A name that comes twice
// in an object, at any depth, or that v has no field for is an error.
func Unmarshal(b []byte, v any) error {
	return Plain(json.Unmarshal(b, v, json.RejectUnknownMembers(true)))
}

// Whole is Unmarshal of what has no null: a field is there with a value, or not there.
func Whole(b []byte, v any) error {
	d := jsontext.NewDecoder(bytes.NewReader(b))
	for {
		t, err := d.ReadToken()
		if err != nil {
			break // which Unmarshal says better, unless it is the end
		}
		if t.Kind() == 'n' {
			place := "the JSON"
			if p := d.StackPointer(); p != "" {
				place = field(p)
			}
			return fmt.Errorf("%s is null: want a value, or not to name it", place)
		}
	}
	return Unmarshal(b, v)
}

// Versioned is Unmarshal of an object whose field version is one of those given: of another
// version, that is the error, and not what else it has.
func Versioned(b []byte, v any, versions ...int) error {
	var of struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(b, &of); err != nil {
		return Plain(err)
	}
	if !slices.Contains(versions, of.Version) {
		return fmt.Errorf("version %d, this software reads version %d", of.Version, versions[len(versions)-1])
	}
	return Unmarshal(b, v)
}

// Next is Unmarshal of the next value of d.
func Next(d *jsontext.Decoder, v any) error {
	return Plain(json.UnmarshalDecode(d, v, json.RejectUnknownMembers(true)))
}
