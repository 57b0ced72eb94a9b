package vector

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// bytesType are bytes that are said to be something.
type bytesType struct {
	parquet.Type
	logical format.LogicalType
}

func (t bytesType) LogicalType() *format.LogicalType { return &t.logical }

// halfFile has a column of bytes, size to a value, beside one of integers from 0.
func halfFile(t *testing.T, size int, of format.LogicalTypeValue, values ...[]byte) []byte {
	t.Helper()
	kind := parquet.FixedLenByteArrayType(size)
	if of != nil {
		kind = bytesType{kind, format.LogicalType{Value: of}}
	}
	schema := parquet.NewSchema("points", parquet.Group{"a": parquet.Leaf(parquet.Int32Type), "h": parquet.Encoded(parquet.Leaf(kind), &parquet.RLEDictionary)})
	var b bytes.Buffer
	w := parquet.NewWriter(&b, schema, parquet.MaxRowsPerRowGroup(20_000))
	for i, v := range values {
		row := parquet.Row{parquet.Int32Value(int32(i)).Level(0, 0, 0), parquet.FixedLenByteArrayValue(v).Level(0, 0, 1)}
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func binary16(bits uint16) []byte { return binary.LittleEndian.AppendUint16(nil, bits) }

// All halves that are numbers are read as what IEEE 754 says they are: (1 + f/2¹⁰)·2^(e − 15), or
// f/2¹⁰·2⁻¹⁴ where e is 0.
func TestHalvesOfParquet(t *testing.T) {
	var values [][]byte
	var want []float32
	for bits := range 1 << 16 {
		sign, e, f := 1-2*float64(bits>>15), bits>>10&31, float64(bits&1023)/1024
		if e == 31 {
			continue
		}
		x := math.Ldexp(1+f, e-15)
		if e == 0 {
			x = math.Ldexp(f, -14)
		}
		values, want = append(values, binary16(uint16(bits))), append(want, float32(sign*x))
	}
	p, err := readBytes(halfFile(t, 2, &format.Float16Type{}, values...))
	if err != nil || p.Dim != 2 || p.N() != len(want) {
		t.Fatalf("%v, error %v", p, err)
	}
	for i, x := range want {
		if row := p.Row(i); row[0] != float32(i) || row[1] != x {
			t.Fatalf("row %d, of bits %x, is %v, want %g", i, values[i], row, x)
		}
	}
}

func TestRefusedHalves(t *testing.T) {
	one := binary16(0x3c00)
	for says, b := range map[string][]byte{
		"row 1, column 1 (from 0) is infinite":                                halfFile(t, 2, &format.Float16Type{}, one, binary16(0xfc00)),
		"row 1, column 1 (from 0) is NaN":                                     halfFile(t, 2, &format.Float16Type{}, one, binary16(0x7e01)),
		`column "h" has values of type FIXED_LEN_BYTE_ARRAY(2): want numbers`: halfFile(t, 2, nil, one),
		`column "h" has values of type FIXED_LEN_BYTE_ARRAY(4): want numbers`: halfFile(t, 4, &format.Float16Type{}, append(one, one...)),
	} {
		if _, err := readBytes(b); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}
