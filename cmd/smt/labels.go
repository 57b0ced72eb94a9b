package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// byteOrderMark begins a file in UTF-8 of some programs.
const byteOrderMark = "\ufeff"

// labelHeadings are the first lines that are no label, in lower case.
var labelHeadings = []string{"id,label", "path,class"}

// labelsOf reads a file of labels, in CSV: the id of an item, and its class. A first line "id,label" or "path,class" is a
// heading, and a byte order mark before it, as spreadsheets write it, is no part of an id. Ids that come up twice with different classes are an error, and so are those that no item has. An item without a line, or without
// a class in it, has the label −1. names are the classes, sorted.
func labelsOf(path string, ids []string) (labels []int, names []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if labels, names, err = parseLabels(f, ids); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return labels, names, nil
}

func parseLabels(r io.Reader, ids []string) (labels []int, names []string, err error) {
	items := make(map[string]int, len(ids))
	for i, id := range ids {
		items[id] = i
	}
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
			return nil, nil, fmt.Errorf("%w: want an id and a label in each line", err)
		}
		id, label := record[0], strings.TrimSpace(record[1])
		at, _ := lines.FieldPos(0)
		item, is := items[id]
		switch {
		case !is && n == 1 && slices.Contains(labelHeadings, strings.ToLower(id+","+label)):
			continue
		case !is:
			return nil, nil, fmt.Errorf("line %d: no item has the id %q", at, id)
		case label == "":
			continue
		}
		if former, has := class[item]; has && former != label {
			return nil, nil, fmt.Errorf("line %d: %q has the label %q, and before %q: want one", at, id, label, former)
		}
		class[item] = label
	}
	for _, name := range class {
		names = append(names, name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) < 2 {
		return nil, nil, fmt.Errorf("the labels have %s: want two at least", numberOf(len(names), "class"))
	}
	labels = make([]int, len(ids))
	for i := range ids {
		labels[i] = -1
		if name, has := class[i]; has {
			labels[i], _ = slices.BinarySearch(names, name)
		}
	}
	return labels, names, nil
}
