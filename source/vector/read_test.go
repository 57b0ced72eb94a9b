package vector

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/export"
	"github.com/sparse-manifold/smt/internal/memory"
)

// npy is an .npy file of version 1 with a header and values.
func npy(header string, values any) []byte {
	return npyOf(1, header, values)
}

func npyOf(version byte, header string, values any) []byte {
	b := append([]byte(npyMagic), version, 0)
	if version == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(header)))
	}
	b = append(b, header...)
	var order binary.ByteOrder = binary.LittleEndian
	if strings.Contains(header, ">") {
		order = binary.BigEndian
	}
	w := bytes.NewBuffer(b)
	_ = binary.Write(w, order, values)
	return w.Bytes()
}

func readBytes(b []byte) (*Points, error) {
	return read(bytes.NewReader(b), int64(len(b)), memory.Room{})
}

// All types, orders and versions are the numbers that were written.
func TestReadNPY(t *testing.T) {
	want := []float32{1, 2, 3, 4, 5, 6}
	down := []float64{1, 4, 2, 5, 3, 6} // column by column
	for name, b := range map[string][]byte{
		"f4":         npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", want),
		"f8":         npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}", []float64{1, 2, 3, 4, 5, 6}),
		"big f8":     npy("{'descr': '>f8', 'fortran_order': False, 'shape': (2, 3)}", []float64{1, 2, 3, 4, 5, 6}),
		"fortran":    npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", down),
		"other keys": npy(`{"shape": (2, 3,), "fortran_order": True, "descr": "<f8"}`, down),
		"u1":         npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }", []uint8{1, 2, 3, 4, 5, 6}),
		"i8":         npy("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3), }", []int64{1, 2, 3, 4, 5, 6}),
		"big i4":     npy("{'descr': '>i4', 'fortran_order': False, 'shape': (2, 3), }", []int32{1, 2, 3, 4, 5, 6}),
		"u2":         npy("{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3), }", []uint16{1, 2, 3, 4, 5, 6}),
		"f2":         npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }", []uint16{0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600}),
		"version 2":  npyOf(2, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", want),
		"version 3":  npyOf(3, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", want),
	} {
		p, err := readBytes(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if p.Dim != 3 || !slices.Equal(p.X, want) {
			t.Errorf("%s: %d values a point, %v: want %v", name, p.Dim, p.X, want)
		}
	}
}

// What package export writes is read as it was.
func TestReadsWhatExportWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, dim := rapid.IntRange(1, 9).Draw(t, "points"), rapid.IntRange(1, 9).Draw(t, "values")
		x := rapid.SliceOfN(rapid.Float32Range(-MaxSize, MaxSize), n*dim, n*dim).Draw(t, "x")
		var b bytes.Buffer
		a, err := export.NewNPY[float32](&b, n, dim)
		if err == nil {
			err = a.Append(x)
		}
		if err == nil {
			err = a.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		p, err := readBytes(b.Bytes())
		if err != nil || p.Dim != dim || !slices.Equal(p.X, x) {
			t.Fatalf("read %v, %v: want %v", p, err, x)
		}
	})
}

func TestRefusedNPY(t *testing.T) {
	good := "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }"
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for says, b := range map[string][]byte{
		"row 1, column 0 (from 0) is NaN":        npy(good, []float32{1, 2, nan, 4}),
		"row 0, column 1 (from 0) is infinite":   npy(good, []float32{1, inf, 3, 4}),
		"row 0, column 1 (from 0) is NaN":        npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2)}", []float32{1, 2, nan, 4}),
		"row 0, column 0 (from 0) is 1e+300":     npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1)}", []float64{1e300}),
		"has 12 bytes of values: want 2 × 2":     npy(good, []float32{1, 2, 3}),
		"has 20 bytes of values: want 2 × 2":     npy(good, []float32{1, 2, 3, 4, 5}),
		"1099511627776 × 1099511627776":          npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1099511627776)}", []float32{}),
		"shape has 1 dimension: want 2":          npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", []float32{1, 2}),
		"shape is (0, 3)":                        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3)}", []float32{}),
		`values are of type "<U5"`:               npy("{'descr': '<U5', 'fortran_order': False, 'shape': (1, 1)}", make([]byte, 20)),
		`values are of type "|O"`:                npy("{'descr': '|O', 'fortran_order': False, 'shape': (1, 1)}", make([]byte, 8)),
		"where a string was wanted: records":     npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1, 1)}", []float32{1}),
		`key "descr" stands twice`:               npy("{'descr': '<f4', 'descr': '<f4', 'shape': (1, 1)}", []float32{1}),
		`key "order": want`:                      npy("{'order': 1}", []float32{1}),
		"has 2 keys":                             npy("{'descr': '<f4', 'shape': (1, 1)}", []float32{1}),
		"where True or False was wanted":         npy("{'fortran_order': 0}", []float32{1}),
		"where a dimension was wanted":           npy("{'shape': (-1, 1)}", []float32{1}),
		`goes on with "x"`:                       npy(good+"x", []float32{1, 2, 3, 4}),
		"format version is 9.0":                  npyOf(9, good, []float32{1, 2, 3, 4}),
		"is said to have 59 bytes: want at most": npy(good, []byte{})[:40],
		`begins with "hello!"`:                   []byte("hello! this is text"),
		"the file has 8 bytes":                   npy(good, []byte{})[:8],
	} {
		if _, err := readBytes(b); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}

// Every codec is read to the same values, or refused with the column and what it is compressed by.
func TestCodecs(t *testing.T) {
	rows := make([]columns, 500)
	for i := range rows {
		rows[i] = columns{A: float32(i * i), B: math.Sin(float64(i)), C: int32(i % 7), D: uint32(i), E: i%3 == 0}
	}
	want, err := readBytes(parquetOf(rows, &parquet.Uncompressed))
	if err != nil {
		t.Fatal(err)
	}
	for _, codec := range []compress.Codec{&parquet.Snappy, &parquet.Gzip, &parquet.Brotli, &parquet.Zstd} {
		if got, err := readBytes(parquetOf(rows, codec)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v: other values, or error %v", codec, err)
		}
	}
	if _, err := readBytes(parquetOf(rows, &parquet.Lz4Raw)); err == nil || !strings.Contains(err.Error(), `column "A" is compressed by LZ4_RAW: want Snappy`) {
		t.Errorf("LZ4: error %v", err)
	}
}

// parquetFile writes rows to a Parquet file.
func parquetFile[T any](rows []T) []byte { return parquetOf(rows, &parquet.Snappy) }

func parquetOf[T any](rows []T, codec compress.Codec) []byte {
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, parquet.MaxRowsPerRowGroup(3), parquet.Compression(codec))
	if _, err := w.Write(rows); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

type columns struct {
	A float32
	B float64
	C int32
	D uint32
	E bool
}

type lists struct {
	Embedding []float32 `parquet:",list"`
}

// Row groups, types and lists come out as rows.
func TestReadParquet(t *testing.T) {
	var of []columns
	var in []lists
	var want []float32
	for i := range 10 {
		of = append(of, columns{float32(i), float64(i) / 2, int32(-i), math.MaxUint32 - uint32(i)<<20, i%2 == 1})
		e := float32(i % 2)
		row := []float32{float32(i), float32(i) / 2, float32(-i), float32(math.MaxUint32 - uint32(i)<<20), e}
		in, want = append(in, lists{row}), append(want, row...)
	}
	for name, b := range map[string][]byte{"columns": parquetFile(of), "lists": parquetFile(in)} {
		p, err := readBytes(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if p.Dim != 5 || !slices.Equal(p.X, want) {
			t.Errorf("%s: %d values a point, %v: want %v", name, p.Dim, p.X, want)
		}
	}
}

func TestRefusedParquet(t *testing.T) {
	type named struct {
		Name string
		X    float32
	}
	type missing struct{ X *float32 }
	type mixed struct {
		X    float32
		List []float32 `parquet:",list"`
	}
	number := float32(1)
	whole := parquetFile([]lists{{[]float32{1, 2}}})
	for says, b := range map[string][]byte{
		`column "Name" has values of type`:                  parquetFile([]named{{"a", 1}}),
		`row 1 (from 0) of column "X" has no value`:         parquetFile([]missing{{&number}, {nil}}),
		`column "List" has lists, and there are 2 columns`:  parquetFile([]mixed{{1, []float32{1}}}),
		`row 1 (from 0) of column "Embedding" has 3 values`: parquetFile([]lists{{[]float32{1, 2}}, {[]float32{1, 2, 3}}}),
		"row 4, column 1 (from 0) is NaN":                   parquetFile([]lists{{[]float32{1, 2}}, {[]float32{1, 2}}, {[]float32{1, 2}}, {[]float32{1, 2}}, {[]float32{1, float32(math.NaN())}}}),
		"has no rows":                                       parquetFile([]lists{}),
		`ends with`:                                         whole[:len(whole)-1],
		"footer is said to have 4294967295 bytes":           append(slices.Clone(whole[:len(whole)-8]), 255, 255, 255, 255, 'P', 'A', 'R', '1'),
		"has 4 bytes: want at least 12":                     []byte(parquetMagic),
	} {
		if _, err := readBytes(b); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}

// The error of a file names it.
func TestReadNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "points.npy")
	if err := os.WriteFile(path, []byte("no points"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, path + ".missing"} {
		if _, err := Read(p); err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("error %v does not name %s", err, p)
		}
	}
}

// FuzzRead: whatever is read are whole points of finite values, no more of them than the file has bytes
// for, where they are not compressed.
func FuzzRead(f *testing.F) {
	f.Add(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", []float32{1, 2}))
	f.Add(npyOf(2, "{'descr': '>i2', 'fortran_order': True, 'shape': (1, 2), }", []int16{1, 2}))
	f.Add(parquetFile([]lists{{[]float32{1, 2}}, {[]float32{3, 4}}}))
	f.Add(parquetFile([]columns{{1, 2, 3, 4, true}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := readBytes(b)
		if err != nil {
			return
		}
		if err := p.Check(); err != nil || p.N() < 1 {
			t.Fatalf("read %d points: %v", p.N(), err)
		}
		if bytes.HasPrefix(b, []byte(npyMagic)) && len(p.X) > len(b) {
			t.Fatalf("%d values of %d bytes", len(p.X), len(b))
		}
	})
}
