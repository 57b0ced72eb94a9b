package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

// Result is one comparison. Ours and Peer are the least seconds of either, or
// rates where Unit is not s; Ratio says how many times faster we are, or what
// share of the peer's rate we reach.
type Result struct {
	Name  string  `json:"name"`
	Ours  float64 `json:"ours"`
	Peer  float64 `json:"peer"`
	Ratio float64 `json:"ratio"`
	Goal  float64 `json:"goal"`
	Unit  string  `json:"unit"`
	Note  string  `json:"note"` // what was compared with what
}

// seconds is a result of times.
func seconds(name string, ours, peer, goal float64, note string) Result {
	return Result{name, ours, peer, peer / ours, goal, "s", note}
}

// rates is a result of rates, the peer's being a bound.
func rates(name string, ours, peak, goal float64, unit, note string) Result {
	return Result{name, ours, peak, ours / peak, goal, unit, note}
}

func writeJSON(w io.Writer, results []Result) error {
	if results == nil {
		results = []Result{} // an array, not null
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(results)
}

func writeTable(w io.Writer, results []Result) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "name\tours\tpeer\tunit\tratio\tgoal\t\t")
	for _, r := range results {
		verdict := "reached"
		if r.Ratio < r.Goal {
			verdict = "missed"
		}
		fmt.Fprintf(t, "%s\t%.4g\t%.4g\t%s\t%.2f\t%.2f\t%s\t%s\n", r.Name, r.Ours, r.Peer, r.Unit, r.Ratio, r.Goal, verdict, r.Note)
	}
	return t.Flush()
}
