package embedding

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/plural"
)

// WriteTo writes the embeddings of a set to w, the same bytes as a Writer writes to a file.
// Their checksum comes before them, so that it goes through the set twice: embeddings that are
// made when they are asked for are made twice, and written to a file once.
func WriteTo(ctx context.Context, w io.Writer, identity string, of Set) error {
	if err := writeTo(ctx, w, identity, of); err != nil {
		return fmt.Errorf("embedding: %w", err)
	}
	return nil
}

func writeTo(ctx context.Context, w io.Writer, identity string, of Set) error {
	h, err := newHeader(identity, of)
	if err != nil {
		return err
	}
	rows, err := writeRows(ctx, io.Discard, of)
	if err != nil {
		return err
	}
	h.Done, h.RowsSum = h.Rows, checksum.Text(rows.sum)
	head, err := h.bytes()
	if err != nil {
		return err
	}
	w = io.MultiWriter(w) // for which a writer that takes less than it is given is an error
	if _, err := w.Write(head); err != nil {
		return err
	}
	again, err := writeRows(ctx, w, of)
	if err != nil {
		return err
	}
	if again != rows {
		return errors.New("the rows are others when they are read again")
	}
	ids, err := writeIDs(w, of)
	if err != nil {
		return err
	}
	return h.sameIDs(ids)
}

// writeRows writes all rows of a set, and returns the size and the sum of what it wrote.
func writeRows(ctx context.Context, w io.Writer, of Set) (t tally, err error) {
	const block = 256
	to, dim := io.MultiWriter(w, &t), of.Dim()
	raw := make([]byte, min(block, of.Len())*dim*half.Size)
	for rows, err := range of.Blocks(ctx, block) {
		if err != nil {
			return t, err
		}
		encode(raw, rows, dim)
		if _, err := to.Write(raw[:len(rows)*half.Size]); err != nil {
			return t, err
		}
	}
	if want := int64(of.Len()) * int64(dim) * half.Size; t.bytes != want {
		return t, fmt.Errorf("%s of rows, want %d", plural.Of(t.bytes, "byte"), want)
	}
	return t, nil
}
