package main

import (
	"encoding/csv"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// eval --csv has a row for each test image, by its name, with its class, what was voted and the nearest image; as many rows are right as
// the accuracy says.
func TestEvalTable(t *testing.T) {
	data := pngData(t, 80)
	model := fitSmall(t, data, "--preset", "cifar", "--holdout", "20")
	table := filepath.Join(t.TempDir(), "votes.csv")
	r := mustJSON(t, nil, "eval", model, data, "--holdout", "20", "--csv", table)
	rows, err := csv.NewReader(strings.NewReader(string(read(t, table)))).ReadAll()
	if err != nil || len(rows) != 21 || !slices.Equal(rows[0], []string{"id", "label", "voted", "share", "nearest", "flip"}) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	right, ids := 0, []string{}
	for _, row := range rows[1:] {
		ids = append(ids, row[0])
		if !exists(filepath.Join(data, filepath.FromSlash(row[0]))) || !exists(filepath.Join(data, filepath.FromSlash(row[4]))) || row[0] == row[4] {
			t.Errorf("%q or %q is no file of the folder, or they are one", row[0], row[4])
		}
		if row[1] != filepath.Dir(row[0]) || !strings.HasPrefix(row[2], "class") {
			t.Errorf("%s: label %q, voted %q", row[0], row[1], row[2])
		}
		if share, err := strconv.ParseFloat(row[3], 64); err != nil || share <= 0 || share > 1 {
			t.Errorf("%s: share %q", row[0], row[3])
		}
		if row[1] == row[2] {
			right++
		}
	}
	if !slices.IsSorted(ids) || math.Abs(float64(right)/20-r["top1"].(float64)) > 1e-9 {
		t.Errorf("%d of 20 are right, and top-1 is %v; order %q", right, r["top1"], ids)
	}
	if out := smtRun(t, "eval", model, data, "--holdout", "20", "--csv", "-"); !strings.HasPrefix(out.stdout, "id,label,voted") || out.code != 0 {
		t.Errorf("standard output begins with %.40q: %s", out.stdout, out.stderr)
	}
	mustFail(t, exitFailure, []string{"--csv", "MODEL"}, "eval", model, data, "--holdout", "20", "--csv", model)
}
