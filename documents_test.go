package smt_test

import (
	"bufio"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents calls f for each line of each document that is not part of a block of code.
func documents(t *testing.T, f func(path string, number int, line string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		code := false
		lines := bufio.NewScanner(file)
		for number := 1; lines.Scan(); number++ {
			line := lines.Text()
			if strings.HasPrefix(line, "```") {
				code = !code
			}
			if !code && !strings.HasPrefix(line, "    ") {
				f(path, number, line)
			}
		}
		return lines.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

var quoted = regexp.MustCompile("`[^`]*`")

// Each row of a table has as many cells as the table's first row.
func TestTablesHaveWholeRows(t *testing.T) {
	rows, cells, last := 0, 0, 0
	documents(t, func(path string, number int, line string) {
		if !strings.HasPrefix(line, "|") {
			return
		}
		n := strings.Count(strings.ReplaceAll(quoted.ReplaceAllString(line, ""), `\|`, ""), "|")
		if rows++; number != last+1 {
			cells = n
		}
		if last = number; n != cells {
			t.Errorf("%s:%d: a row of %d cells in a table of %d", path, number, n-1, cells-1)
		}
	})
	if rows < 100 {
		t.Errorf("%d rows of tables were found", rows)
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

// What a document links to, in this repository, is there.
func TestLinksLeadSomewhere(t *testing.T) {
	links := 0
	documents(t, func(path string, number int, line string) {
		for _, m := range link.FindAllStringSubmatch(quoted.ReplaceAllString(line, ""), -1) {
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s:%d: a link to %s, which is not there", path, number, m[1])
			}
		}
	})
	if links < 100 {
		t.Errorf("%d links were found", links)
	}
}
