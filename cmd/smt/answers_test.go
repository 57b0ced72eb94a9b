package main

import (
	"encoding/csv"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/answers"
)

// photographs is a folder of pictures of two classes, waves that lie and waves that stand, in other colours, of which some are there twice
// and some are odd.
func photographs(t *testing.T) string {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(21, 1))
	save := func(name string, light func(x, y int) float64) {
		const side = 24
		m := image.NewNRGBA(image.Rect(0, 0, side, side))
		for y := range side {
			for x := range side {
				l := uint8(math.Round(255 * min(1, max(0, light(x, y)))))
				if strings.HasPrefix(name, "lying") {
					m.SetNRGBA(x, y, color.NRGBA{l, l / 2, 255 - l, 255})
				} else {
					m.SetNRGBA(x, y, color.NRGBA{l / 4, l, l, 255})
				}
			}
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, m); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 40 {
		grain := func() []float64 {
			all := make([]float64, 24*24)
			for k := range all {
				all[k] = 0.15 * rng.NormFloat64()
			}
			return all
		}
		phase, fine, a, b := 6*rng.Float64(), 0.4+0.2*rng.Float64(), grain(), grain()
		lying := func(x, y int) float64 { return 0.5 + 0.3*math.Sin(phase+fine*float64(y)) + a[24*y+x] }
		standing := func(x, y int) float64 { return 0.5 + 0.3*math.Sin(phase+fine*float64(x)) + b[24*y+x] }
		save(fmt.Sprintf("lying/%02d.png", i), lying)
		save(fmt.Sprintf("standing/%02d.png", i), standing)
		switch {
		case i < 6:
			save(fmt.Sprintf("lying/%02d darker.png", i), func(x, y int) float64 { return 0.8 * lying(x, y) })
		case i < 12:
			save(fmt.Sprintf("standing/%02d flipped.png", i), func(x, y int) float64 { return standing(23-x, y) })
		}
	}
	save("lying/blank.png", func(int, int) float64 { return 0.5 })
	return dir
}

// indexed is an index of these photographs.
func indexedPhotographs(t *testing.T) string {
	data := photographs(t)
	model := fitSmall(t, data, "--flips", "--preset", "cifar", "--dims", "40")
	path := filepath.Join(t.TempDir(), "photos.index")
	must(t, "index", model, data, "-o", path)
	return path
}

func TestAnswers(t *testing.T) {
	path := indexedPhotographs(t)
	t.Run("duplicates", func(t *testing.T) { duplicatesOf(t, path) })
	t.Run("outliers", func(t *testing.T) { outliersOf(t, path) })
	t.Run("groups", func(t *testing.T) { groupsOf(t, path) })
	for _, command := range []string{"duplicates", "outliers", "groups"} {
		var r spent
		decodeInto(t, must(t, command, path, "--json", "--quiet"), &r)
		if r.Seconds <= 0 || r.Peak < 1<<20 {
			t.Errorf("smt %s --json says %+v of time and memory", command, r)
		}
		wantText(t, command, must(t, command, path, "--quiet"), "time ", "peak memory ")
		mustFail(t, exitUsage, []string{"INDEX is missing"}, command)
		mustFail(t, exitFailure, []string{"no such file"}, command, filepath.Join(t.TempDir(), "none.index"))
		mustFail(t, exitFailure, []string{"--csv"}, command, path, "--csv", path)
		mustFail(t, exitUsage, []string{"--html is -: want a file"}, command, path, "--html", "-")
		page := filepath.Join(t.TempDir(), "page.html")
		must(t, command, path, "--html", page, "--quiet")
		wantText(t, "page", string(read(t, page)), "data:image/", "lying/", "<h2>")
		if out := must(t, command, path, "--csv", "-", "--quiet"); !strings.HasPrefix(out, "id,") && !strings.HasPrefix(out, "group,id,") {
			t.Errorf("smt %s --csv - prints %.80q", command, out)
		}
	}
	mustFail(t, exitUsage, []string{"--threshold is 1.5: want a margin above 0, up to 1"}, "duplicates", path, "--threshold", "1.5")
	mustFail(t, exitUsage, []string{"--threshold is 0: want"}, "duplicates", path, "--threshold", "0")
	mustFail(t, exitUsage, []string{"--most is 0: want 1 or more"}, "outliers", path, "--most", "0")
	mustFail(t, exitUsage, []string{"--k is 1: want 2 groups or more"}, "groups", path, "--k", "1")
	mustFail(t, exitUsage, []string{"--k is 100: want no more groups than the 93 items"}, "groups", path, "--k", "100")
}

// readTable reads what --csv wrote.
func readTable(t *testing.T, path string) [][]string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func duplicatesOf(t *testing.T, path string) {
	var found answers.Duplicates
	table := filepath.Join(t.TempDir(), "twice.csv")
	decodeInto(t, must(t, "duplicates", path, "--json", "--csv", table), &found)
	if found.Index != path || found.Items != 93 || !found.Flips || !found.Threshold.Chosen {
		t.Errorf("%+v", found)
	}
	pairs := map[string]answers.Duplicate{}
	rows := 1
	for _, g := range found.Groups {
		rows += len(g)
		for _, d := range g[1:] {
			pairs[min(g[0].ID, d.ID)+" "+max(g[0].ID, d.ID)] = d
		}
	}
	for i := range 12 {
		item, copied, flip := fmt.Sprintf("lying/%02d.png", i), fmt.Sprintf("lying/%02d darker.png", i), false
		if i >= 6 {
			item, copied, flip = fmt.Sprintf("standing/%02d.png", i), fmt.Sprintf("standing/%02d flipped.png", i), true
		}
		if d, is := pairs[min(item, copied)+" "+max(item, copied)]; !is || d.Flip != flip || d.Label != filepath.Dir(item) {
			t.Errorf("%s is not found, or not as it is: %+v", copied, d)
		}
	}
	if len(pairs) != 12 {
		t.Errorf("%d pairs, want 12: %+v", len(pairs), pairs)
	}
	if got := readTable(t, table); len(got) != rows {
		t.Errorf("%d rows of a table, want %d", len(got), rows)
	}
	out := must(t, "duplicates", path, "--threshold", "0.99")
	if !strings.Contains(out, "margin 0.990, given") {
		t.Errorf("at 0.99:\n%s", out)
	}
	out = must(t, "duplicates", path)
	wantText(t, "what it prints", out, "chosen from the index; flips looked for", "flipped", fmt.Sprintf("near-duplicates %d items of 93, in %d groups ", rows-1, len(found.Groups)))
}

func outliersOf(t *testing.T, path string) {
	var found answers.Outliers
	table := filepath.Join(t.TempDir(), "odd.csv")
	decodeInto(t, must(t, "outliers", path, "--json", "--csv", table), &found)
	if found.Index != path || len(found.Faults) != 1 || found.Faults[0].ID != "lying/blank.png" || found.Faults[0].Fault != "blank" {
		t.Errorf("faults %+v, want the blank picture", found.Faults)
	}
	rows := readTable(t, table)
	if len(rows) != 94 {
		t.Fatalf("%d rows of a table, want 94", len(rows))
	}
	for i := 2; i < len(rows); i++ {
		before, err := strconv.ParseFloat(rows[i-1][2], 64)
		if err != nil {
			t.Fatal(err)
		}
		if here, err := strconv.ParseFloat(rows[i][2], 64); err != nil || here > before {
			t.Errorf("row %d of the table has the distance %s, after %s", i, rows[i][2], rows[i-1][2])
		}
	}
	if out := must(t, "outliers", path); !strings.Contains(out, "lying/blank.png (lying)   blank") {
		t.Errorf("it prints\n%s", out)
	}
}

func groupsOf(t *testing.T, path string) {
	var found answers.Groups
	table := filepath.Join(t.TempDir(), "groups.csv")
	decodeInto(t, must(t, "groups", path, "--k", "2", "--json", "--csv", table), &found)
	if found.Index != path || len(found.Groups) != 2 || found.Counted || found.Agreement == nil || found.Agreement.Matched < 0.95 {
		t.Fatalf("%+v, agreement %+v", found.Groups, found.Agreement)
	}
	if g := found.Groups[0]; g.Size < 40 || len(g.Exemplars) != answers.Exemplars || g.Labels[0].Items < 39 {
		t.Errorf("the first group is %+v", g)
	}
	if rows := readTable(t, table); len(rows) != 94 || rows[1][0] != "lying/00 darker.png" || rows[1][1] != "lying" {
		t.Errorf("a table of %d rows, the first %v", len(rows), rows[1])
	}
	if out := must(t, "groups", path); !strings.Contains(out, "the number of the largest modularity") || !strings.Contains(out, "by the eigengap: 2") || !strings.Contains(out, "NMI") {
		t.Errorf("it prints\n%s", out)
	}
	var first, again answers.Groups
	for _, found := range []*answers.Groups{&first, &again} {
		decodeInto(t, must(t, "groups", path, "--json", "--seed", "7"), found)
	}
	if !reflect.DeepEqual(first, again) {
		t.Error("the same seed finds other groups")
	}
}
