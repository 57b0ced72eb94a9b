package reproduce

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

// writeJSON writes v to a file, whole or not at all.
func writeJSON(path string, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("reproduce: %s: %w", path, err)
	}
	return writeFile(path, b.Bytes())
}

func writeFile(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("reproduce: %w", err)
	}
	if err := output.WriteFile(path, b); err != nil {
		return fmt.Errorf("reproduce: %s: %w", path, err)
	}
	return nil
}

// readJSON reads a file that writeJSON wrote to v. It reports whether there is one.
func readJSON(path string, v any) (bool, error) {
	b, err := regular.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reproduce: %w", err)
	}
	if err := strictjson.Unmarshal(b, v); err != nil {
		return false, fmt.Errorf("reproduce: %s: %w; remove it to make it anew", path, err)
	}
	return true, nil
}

// readFloats reads rows of dim values that a peer wrote.
func readFloats(path string, rows, dim int) ([]float32, error) {
	raw, err := regular.ReadFile(path)
	if err != nil {
		return nil, err
	}
	values := make([]float32, rows*dim)
	if want := 4 * len(values); len(raw) != want {
		return nil, fmt.Errorf("%s has %s: want %d, of %s with %s", path, plural.Of(len(raw), "byte"), want, plural.Of(rows, "row"), plural.Of(dim, "value"))
	}
	_, err = binary.Decode(raw, binary.LittleEndian, values)
	return values, err
}

// digestFile is the SHA-256 of a file.
func digestFile(path string) (string, error) {
	f, _, err := regular.Open(path)
	if err != nil {
		return "", fmt.Errorf("reproduce: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("reproduce: %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// digest is the SHA-256 of values as JSON.
func digest(values ...any) string {
	h := sha256.New() // writing to it cannot fail
	e := json.NewEncoder(h)
	for _, v := range values {
		if err := e.Encode(v); err != nil {
			panic(err) // values are plain numbers and words
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// remove removes a file that may not be there.
func remove(path string) error {
	if err := output.Remove(path); err != nil {
		return fmt.Errorf("reproduce: %w", err)
	}
	return nil
}
