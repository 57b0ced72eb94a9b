// Package strictjson reads JSON in which every name stands once and means something.
// encoding/json takes the last of two equal names, and a name in other letters for its
// own, so that two readers could see two things in one file.
package strictjson

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Unmarshal reads the one JSON value in b into what v points to. A name that comes twice
// in an object, at any depth, or that v has no field for is an error.
func Unmarshal(b []byte, v any) error {
	return json.Unmarshal(b, v, json.RejectUnknownMembers(true))
}

// Next is Unmarshal of the next value of d.
func Next(d *jsontext.Decoder, v any) error {
	return json.UnmarshalDecode(d, v, json.RejectUnknownMembers(true))
}
