package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPrintRecords(t *testing.T) {
	name := filepath.Join(t.TempDir(), "records.jsonl")
	lines := `{"data":"d","bank":9,"labels":0,"draw":0,"method":"paper","right":90,"queries":100}
{"data":"d","bank":9,"labels":10,"draw":0,"method":"paper","right":50,"queries":100}
{"data":"d","bank":9,"labels":10,"draw":1,"method":"paper","right":54,"queries":100}
{"data":"d","bank":9,"labels":10,"draw":0,"method":"spreading","right":60,"queries":100,"loss":1.25}
{"data":"d","bank":9,"labels":0,"draw":0,"method":"ridge","right":70,"queries":100,"loss":0.5,"cut":0.03,"kept":0.123,"bytes":9}
`
	if err := os.WriteFile(name, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := printRecords(name, &out); err != nil {
		t.Fatal(err)
	}
	want := `d, a bank of 9

| labels a class | 10 | all |
| --- | --- | --- |
| paper | 52.0 ± 2.8 | 90.0 |
| spreading | 60.0 (1.25) |  |
| ridge, 12 % of the kernel |  | 70.0 (0.50) |

`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
	if err := os.WriteFile(name, []byte(lines+"{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := printRecords(name, &out); err == nil || !strings.Contains(err.Error(), "line 6") {
		t.Errorf("half a line: error %v", err)
	}
}
