package answers

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/readout"
)

// byteOrderMark begins a file in UTF-8 of some programs.
const byteOrderMark = "\ufeff"

// labelHeadings are the first lines that are no label, in lower case.
var labelHeadings = []string{"id,label", "path,class"}

// Labels are the classes that items of an index are said to have.
type Labels struct {
	Of      []int    // of each item, the number of its class, -1 for none
	Classes []string // their names
}

// ReadLabels reads labels in CSV: the id of an item, and its class. A first line "id,label" or
// "path,class" is a heading, and a byte order mark before it, as spreadsheets write it, is no part of an id. Ids that come up
// twice with different classes are an error, and so are those that no item has, and less than two classes. An item without a
// line, or without a class in it, has no label. Classes are sorted by name.
func ReadLabels(r io.Reader, items *Numbers) (*Labels, error) {
	class := map[int]string{} // of items
	text := bufio.NewReader(r)
	if mark, _ := text.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = text.Discard(len(mark)) // they are there
	}
	lines := csv.NewReader(text)
	lines.FieldsPerRecord = 2
	for n := 1; ; n++ {
		record, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: want an id and a label in each line", err)
		}
		id, label := record[0], strings.TrimSpace(record[1])
		at, _ := lines.FieldPos(0)
		item, err := items.Of(id)
		switch {
		case err != nil:
			return nil, err
		case item < 0 && n == 1 && slices.Contains(labelHeadings, strings.ToLower(id+","+label)):
			continue
		case item < 0:
			return nil, fmt.Errorf("line %d: no item has the id %q", at, id)
		case label == "":
			continue
		}
		if former, has := class[item]; has && former != label {
			return nil, fmt.Errorf("line %d: %q has the label %q, and before %q: want one", at, id, label, former)
		}
		class[item] = label
	}
	var names []string
	for _, name := range class {
		names = append(names, name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) < 2 {
		return nil, fmt.Errorf("the labels have %s: want two at least", plural.ApartOf(len(names), "class"))
	}
	labels := make([]int, items.Len())
	for i := range labels {
		labels[i] = -1
		if name, has := class[i]; has {
			labels[i], _ = slices.BinarySearch(names, name)
		}
	}
	return &Labels{labels, names}, nil
}

// OwnLabels are the classes that an index has itself, none where it has none.
func OwnLabels(x *index.Index) (*Labels, error) {
	l := &Labels{make([]int, x.Len()), x.Classes()}
	for i := range l.Of {
		item, err := x.Item(i)
		if err != nil {
			return nil, err
		}
		l.Of[i] = slices.Index(l.Classes, item.Label)
	}
	return l, nil
}

// Count is how many items have a label.
func (l *Labels) Count() int { return len(l.Of) - len(l.Open()) }

// Open are the items without a label.
func (l *Labels) Open() (items []int) {
	for i, class := range l.Of {
		if class < 0 {
			items = append(items, i)
		}
	}
	return items
}

// Memory is what learning from the labels takes at least beside the neighbour graph, in bytes, where items have so many values.
func (l *Labels) Memory(dim int) float64 {
	return readout.Least(l.Count(), len(l.Of), dim, len(l.Classes))
}
