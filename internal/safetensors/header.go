package safetensors

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

// entry is a tensor as the header describes it; its bytes are data[begin:end].
type entry struct {
	name       string
	dtype      DType
	shape      []int
	begin, end int64
	read       bool
}

// parseHeader reads the header's JSON, in one pass. A key that comes twice is an error:
// two readers could see two different files in the same bytes.
func parseHeader(b []byte) (entries []entry, metadata map[string]string, err error) {
	if len(b) == 0 || b[0] != '{' {
		return nil, nil, errNotSafetensors
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(b))
	metadata = map[string]string{}
	err = object(dec, "the header", func(name string) error {
		if name == metadataKey {
			return object(dec, metadataKey, func(key string) error {
				v, err := dec.ReadToken()
				if err != nil {
					return err
				}
				if v.Kind() != '"' {
					return fmt.Errorf("%s: %q: not a string", metadataKey, key)
				}
				metadata[key] = v.String()
				return nil
			})
		}
		e, err := parseEntry(dec, name)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		entries = append(entries, e)
		return nil
	})
	if err == nil && len(bytes.TrimLeft(b[dec.InputOffset():], " ")) > 0 {
		err = errors.New("the header is not one JSON object padded with spaces")
	}
	return entries, metadata, err
}

// description is a tensor's, in JSON.
type description struct {
	DType   *DType  `json:"dtype"`
	Shape   []int64 `json:"shape"`
	Offsets []int64 `json:"data_offsets"`
}

func parseEntry(dec *jsontext.Decoder, name string) (entry, error) {
	var d description
	if err := strictjson.Next(dec, &d); err != nil {
		return entry{}, err
	}
	if d.DType == nil || d.Shape == nil || d.Offsets == nil {
		return entry{}, errors.New("one of dtype, shape and data_offsets is missing")
	}
	if d.DType.size() == 0 {
		return entry{}, fmt.Errorf("dtype %q is not one of F32, F64, U8, I8, U16, I16, U32, I32, U64, I64", *d.DType)
	}
	o := d.Offsets
	if len(o) != 2 || o[0] < 0 || o[0] > o[1] {
		return entry{}, fmt.Errorf("data_offsets %v are not a begin and an end", o)
	}
	e := entry{name: name, dtype: *d.DType, shape: make([]int, len(d.Shape)), begin: o[0], end: o[1]}
	for i, dim := range d.Shape {
		if e.shape[i] = int(dim); int64(e.shape[i]) != dim {
			return e, fmt.Errorf("shape %v overflows", d.Shape)
		}
	}
	n, err := byteLen(e.dtype, e.shape)
	if err != nil {
		return e, err
	}
	if n != e.end-e.begin {
		return e, fmt.Errorf("shape %v of %s is %s, data_offsets [%d,%d] are %d",
			e.shape, e.dtype, plural.Of(n, "byte"), e.begin, e.end, e.end-e.begin)
	}
	return e, nil
}

// object reads a JSON object, calling value for each key to read what it holds.
func object(dec *jsontext.Decoder, what string, value func(key string) error) error {
	if t, err := dec.ReadToken(); err != nil {
		return ended(err)
	} else if t.Kind() != '{' {
		return fmt.Errorf("%s is not a JSON object", what)
	}
	for dec.PeekKind() != '}' {
		key, err := dec.ReadToken()
		if err != nil {
			return ended(err)
		}
		if err := value(key.String()); err != nil {
			return ended(err)
		}
	}
	_, err := dec.ReadToken() // the closing brace
	return ended(err)
}

// ended says of what there is too little.
func ended(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("the header's JSON: %w", io.ErrUnexpectedEOF)
	}
	return strictjson.Plain(err)
}
