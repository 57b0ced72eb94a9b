package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// value is an element of the arrays that we and the peers exchange. The writer
// of package export has no integers of 8 and 16 bits.
type value interface {
	uint8 | uint16 | int32 | int64 | float32 | float64
}

// descr is numpy's name for a T.
func descr[T value]() string {
	switch any(*new(T)).(type) {
	case uint8:
		return "|u1"
	case uint16:
		return "<u2"
	case int32:
		return "<i4"
	case int64:
		return "<i8"
	case float32:
		return "<f4"
	default:
		return "<f8"
	}
}

const magic = "\x93NUMPY\x01\x00"

// save writes an array to dir/name.npy, row-major.
func save[T value](dir, name string, values []T, shape ...int) error {
	n, tuple := 1, ""
	for _, s := range shape {
		n *= s
		tuple += strconv.Itoa(s) + ", "
	}
	if n != len(values) {
		return fmt.Errorf("%s: %d values are not of shape %v", name, len(values), shape)
	}
	f, err := os.Create(filepath.Join(dir, name+".npy"))
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr[T](), tuple)
	header += strings.Repeat(" ", 63-(len(magic)+2+len(header))%64) + "\n"
	_, err = w.Write(append(binary.LittleEndian.AppendUint16([]byte(magic), uint16(len(header))), header...))
	for part := range slices.Chunk(values, 1<<20) {
		if err == nil {
			err = binary.Write(w, binary.LittleEndian, part)
		}
	}
	return errors.Join(err, w.Flush(), f.Close())
}

// load reads n values that a peer saved to dir/name.npy.
func load[T value](dir, name string, n int) ([]T, error) {
	path := filepath.Join(dir, name+".npy")
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(raw, []byte(magic)) || len(raw) < len(magic)+2 {
		return nil, fmt.Errorf("%s: not a .npy file of version 1.0", path)
	}
	header, body := raw[len(magic)+2:], []byte(nil)
	if size := int(binary.LittleEndian.Uint16(raw[len(magic):])); size <= len(header) {
		header, body = header[:size], header[size:]
	}
	if want := fmt.Sprintf("'descr': '%s', 'fortran_order': False", descr[T]()); !bytes.Contains(header, []byte(want)) {
		return nil, fmt.Errorf("%s: header %q: want %s", path, header, want)
	}
	values := make([]T, n)
	if size := binary.Size(values); size != len(body) {
		return nil, fmt.Errorf("%s: %d bytes of values, want %d", path, len(body), size)
	}
	_, err = binary.Decode(body, binary.LittleEndian, values)
	return values, err
}
