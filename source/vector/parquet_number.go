package vector

import (
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sparse-manifold/smt/internal/half"
)

// halves are the indices of the leaves of a schema that are of IEEE 754 binary16. The library
// gives them as bytes: a Column has no such type, and only the metadata tell.
func halves(schema []format.SchemaElement) map[int]bool {
	found, leaf := map[int]bool{}, 0
	for _, e := range schema {
		if !e.Type.Valid { // a group
			continue
		}
		_, is := e.LogicalType.Value.(*format.Float16Type)
		if is && parquet.Kind(e.Type.V) == parquet.FixedLenByteArray && e.TypeLength.V == half.Size {
			found[leaf] = true
		}
		leaf++
	}
	return found
}

// isNumber is of integers, floats and booleans that are no dates, times or decimals.
func isNumber(t parquet.Type) bool {
	if l := t.LogicalType(); l != nil {
		if _, is := l.Value.(*format.IntType); !is {
			return false
		}
	}
	switch t.Kind() {
	case parquet.Boolean, parquet.Int32, parquet.Int64, parquet.Float, parquet.Double:
		return true
	}
	return false
}

// number is a value as a float64. Bytes are a half.
func number(t parquet.Type, v parquet.Value) float64 {
	signed := true
	if l := t.LogicalType(); l != nil {
		if i, is := l.Value.(*format.IntType); is {
			signed = i.IsSigned
		}
	}
	switch v.Kind() {
	case parquet.FixedLenByteArray:
		var x [1]float32
		half.Decode(x[:], v.ByteArray())
		return float64(x[0])
	case parquet.Boolean:
		if v.Boolean() {
			return 1
		}
		return 0
	case parquet.Int32:
		if !signed {
			return float64(v.Uint32())
		}
		return float64(v.Int32())
	case parquet.Int64:
		if !signed {
			return float64(v.Uint64())
		}
		return float64(v.Int64())
	case parquet.Float:
		return float64(v.Float())
	}
	return v.Double()
}
