package strictjson

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Plain words an error of reading JSON for whoever wrote the JSON, who need not know Go:
// the field, what was found there and what is wanted. Other errors stay as they are.
func Plain(err error) error {
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		if wrong.Err == json.ErrUnknownName {
			return fmt.Errorf("unknown field %s", field(wrong.JSONPointer))
		}
		place := field(wrong.JSONPointer)
		if wrong.JSONPointer == "" {
			place = "the JSON"
		}
		if want := wanted(wrong.GoType); want != "" {
			return fmt.Errorf("%s is %s: want %s", place, found(wrong), want)
		}
		return err
	}
	wrong, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case !ok:
		return err
	case wrong.Err == jsontext.ErrDuplicateName:
		return fmt.Errorf("%s comes twice", field(wrong.JSONPointer))
	case wrong.JSONPointer != "":
		return fmt.Errorf("not JSON: %w in %s, after byte %d", wrong.Err, field(wrong.JSONPointer), wrong.ByteOffset)
	}
	return fmt.Errorf("not JSON: %w, after byte %d", wrong.Err, wrong.ByteOffset)
}

// field is the quoted name of what p points to, with those of all that it is in.
func field(p jsontext.Pointer) string {
	return clipped(fmt.Sprintf("%q", strings.Join(slices.Collect(p.Tokens()), ".")))
}

// found is what there was: a number or a text, or else the kind of value.
func found(wrong *json.SemanticError) string {
	if wrong.JSONValue != nil {
		return clipped(string(wrong.JSONValue))
	}
	switch wrong.JSONKind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "text"
	case '0':
		return "a number"
	case 't', 'f', 'n':
		return wrong.JSONKind.String()
	}
	return "another value"
}

// wanted are the values that a type has, or "" where only the type can tell.
func wanted(t reflect.Type) string {
	if t == nil {
		return ""
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return "text"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return fmt.Sprintf("a whole number of %s", plural.Of(t.Bits(), "bit"))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fmt.Sprintf("a whole number of %s, at least 0", plural.Of(t.Bits(), "bit"))
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.String:
		return "text"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "an object"
	}
	return ""
}

// clipped is a text of a file, of which a few words do.
func clipped(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
