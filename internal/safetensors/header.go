package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// entry is a tensor as the header describes it; its bytes are data[begin:end].
type entry struct {
	name       string
	dtype      DType
	shape      []int
	begin, end int64
}

// parseHeader reads the header's JSON. It walks tokens rather than decoding into
// structs and maps because those let the last of two equal keys win, silently:
// two readers could then see two different files in the same bytes.
func parseHeader(b []byte) (entries []entry, metadata map[string]string, err error) {
	if len(b) == 0 || b[0] != '{' {
		return nil, nil, errors.New("the header does not begin with {")
	}
	if !utf8.Valid(b) {
		return nil, nil, errors.New("the header is not UTF-8")
	}
	b = bytes.TrimRight(b, " ") // the padding the format allows
	if b[len(b)-1] != '}' || !json.Valid(b) {
		return nil, nil, errors.New("the header is not one JSON object padded with spaces")
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber() // a float64 would round offsets beyond 2⁵³
	metadata = map[string]string{}
	err = object(dec, "the header", func(name string) error {
		if name == metadataKey {
			return object(dec, metadataKey, func(key string) error {
				v, err := text(dec)
				metadata[key] = v
				return at(err, "%s: %q", metadataKey, key)
			})
		}
		e, err := parseEntry(dec, name)
		entries = append(entries, e)
		return at(err, "tensor %q", name)
	})
	return entries, metadata, err
}

// parseEntry reads a tensor's description.
func parseEntry(dec *json.Decoder, name string) (entry, error) {
	e := entry{name: name}
	var dtype, shape, offsets bool
	err := object(dec, "its description", func(field string) error {
		switch field {
		case "dtype":
			dtype = true
			s, err := text(dec)
			if err != nil {
				return at(err, "dtype")
			}
			if e.dtype = DType(s); e.dtype.size() == 0 {
				return fmt.Errorf("dtype %q is not one of F32, F64, U8, I8, U16, I16, U32, I32, U64, I64", s)
			}
		case "shape":
			shape = true
			dims, err := integers(dec)
			if err != nil {
				return at(err, "shape")
			}
			e.shape = make([]int, len(dims))
			for i, dim := range dims {
				if dim > math.MaxInt {
					return fmt.Errorf("shape %v overflows", dims)
				}
				e.shape[i] = int(dim)
			}
		case "data_offsets":
			offsets = true
			o, err := integers(dec)
			if err != nil {
				return at(err, "data_offsets")
			}
			if len(o) != 2 || o[0] > o[1] {
				return fmt.Errorf("data_offsets %v are not a begin and an end", o)
			}
			e.begin, e.end = o[0], o[1]
		default:
			return fmt.Errorf("unknown field %q", field)
		}
		return nil
	})
	if err != nil {
		return e, err
	}
	if !dtype || !shape || !offsets {
		return e, errors.New("one of dtype, shape and data_offsets is missing")
	}
	n, err := byteLen(e.dtype, e.shape)
	if err != nil {
		return e, err
	}
	if n != e.end-e.begin {
		return e, fmt.Errorf("shape %v of %s is %d bytes, data_offsets [%d,%d] are %d",
			e.shape, e.dtype, n, e.begin, e.end, e.end-e.begin)
	}
	return e, nil
}

// object reads a JSON object, calling value for each key to read what it holds,
// and refuses a key that comes twice.
func object(dec *json.Decoder, what string, value func(key string) error) error {
	if t, err := dec.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return fmt.Errorf("%s is not a JSON object", what)
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		key := t.(string) // a key is a string: the JSON is valid
		if seen[key] {
			return fmt.Errorf("%s has the key %q twice", what, key)
		}
		seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
	_, err := dec.Token() // the closing brace
	return err
}

// text reads a JSON string.
func text(dec *json.Decoder) (string, error) {
	t, err := dec.Token()
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", errors.New("not a string")
	}
	return s, nil
}

// integers reads a JSON array of integers from 0 to 2⁶³-1.
func integers(dec *json.Decoder) ([]int64, error) {
	if t, err := dec.Token(); err != nil {
		return nil, err
	} else if t != json.Delim('[') {
		return nil, errors.New("not an array")
	}
	var out []int64
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		n, ok := t.(json.Number)
		if !ok {
			return nil, errors.New("holds something that is not a number")
		}
		v, err := strconv.ParseUint(n.String(), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("%s is not an integer from 0 to 2⁶³-1", n)
		}
		out = append(out, int64(v))
	}
	_, err := dec.Token() // the closing bracket
	return out, err
}

// at puts the place before a non-nil error.
func at(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
