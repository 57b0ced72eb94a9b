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
{"data":"d","bank":9,"labels":0,"draw":0,"method":"ridge","right":70,"queries":100,"loss":0.5,"cut":0.03,"kept":0.123,"bytes":9,"gained":3,"lost":6}
{"data":"d","bank":9,"labels":1,"draw":0,"method":"spreading","right":30,"queries":100,"loss":1.5,"stated":0.25,"calibration_error":0.06,"calibration_standard_error":0.03,"calibration_error_by_chance":0.01}
{"data":"d","bank":9,"labels":1,"draw":1,"method":"spreading","right":34,"queries":100,"loss":1.7,"stated":0.27,"calibration_error":0.08,"calibration_standard_error":0.04,"calibration_error_by_chance":0.01}
`
	if err := os.WriteFile(name, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := printRecords(name, &out); err != nil {
		t.Fatal(err)
	}
	want := `d, a bank of 9

| labels a class | 1 | 10 | all |
| --- | --- | --- | --- |
| paper |  | 52.0 ± 2.8 | 90.0 |
| spreading | 32.0 ± 2.8 (1.60) | 60.0 (1.25) |  |
| ridge, 12 % of the kernel |  |  | 70.0 (0.50); -3.00 ± 2.98 |

| method | labels a class | right, % | stated, % | calibration error, % | by chance, % |
| --- | --- | --- | --- | --- | --- |
| spreading | 1 | 32.0 | 26.0 | 7.0 ± 3.5 | 1.0 |

`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
	if err := os.WriteFile(name, []byte(lines+"{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := printRecords(name, &out); err == nil || !strings.Contains(err.Error(), "line 8") {
		t.Errorf("half a line: error %v", err)
	}
}
