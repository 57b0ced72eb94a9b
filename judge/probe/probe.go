package probe

import (
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Trainer holds the rows to train on.
type Trainer struct {
	dim, classes int
	rows         *rows
	class        []int32 // of each row; -1 before it is set
}

// New returns a trainer for n rows of dim values. It takes a byte a value. Each row is of one of so many classes.
func New(n, dim, classes int) (*Trainer, error) {
	if n < 2 || dim < 1 || classes < 2 || classes > math.MaxUint16 {
		return nil, fmt.Errorf("probe: %s of %s of %s: want at least 2 rows, 1 value and 2 classes, at most %d", plural.Of(n, "row"), plural.Of(dim, "value"), plural.Of(classes, "class"), math.MaxUint16)
	}
	t := &Trainer{dim, classes, newRows(n, dim), make([]int32, n)}
	for i := range t.class {
		t.class[i] = -1
	}
	return t, nil
}

// Set makes x, dim values, row i, and its class the given one. Calls for different rows may run at once.
func (t *Trainer) Set(i int, x []float32, class int) {
	if len(x) != t.dim || class < 0 || class >= t.classes {
		panic(fmt.Sprintf("probe: %s of class %d, want %d of a class below %d", plural.Of(len(x), "value"), class, t.dim, t.classes))
	}
	t.rows.set(i, x)
	t.class[i] = int32(class)
}

// check reports what is wrong with the rows.
func (t *Trainer) check() error {
	n, first := 0, t.class[0]
	for i, c := range t.class {
		if c < 0 {
			return fmt.Errorf("probe: row %d of %d was not set", i, len(t.class))
		}
		if math.IsNaN(float64(t.rows.unit[i])) {
			return fmt.Errorf("probe: row %d has a value that is not a finite number", i)
		}
		if c != first {
			n++
		}
	}
	if n == 0 {
		return fmt.Errorf("probe: all %s are of class %d: want two classes", plural.Of(len(t.class), "row"), first)
	}
	return nil
}
