package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// patiently asks for a page until it is there.
func patiently(url string) (r *http.Response, body []byte, err error) {
	for r == nil || err == nil && r.StatusCode == http.StatusAccepted {
		if r, err = http.Get(url); err == nil {
			body, err = io.ReadAll(r.Body)
			_ = r.Body.Close()
		}
	}
	return r, body, err
}

// An index that is served says what the commands say with --json.
func TestServeIndex(t *testing.T) {
	path := indexSmall(t, 60)
	report, end := startServe(t, path)
	if report["items"] != 60.0 || report["index"] != "small.index" || report["url"] != "http://"+report["addr"].(string)+"/" {
		t.Errorf("serve reports %v", report)
	}
	named := filepath.Join(t.TempDir(), "labels.csv")
	write(t, named, []byte("id,label\nkind0/000.png,round\nkind1/001.png,square\n"))
	for route, command := range map[string][]string{
		"api/classify": {"classify", path, "--labels", named},
		"api/classify?item=kind0%2F003.png&why=1": {"classify", path, "kind0/003.png", "--labels", named, "--why", "1"},
		"api/duplicates":                       {"duplicates", path},
		"api/duplicates?threshold=0.2":         {"duplicates", path, "--threshold", "0.2"},
		"api/outliers?most=3":                  {"outliers", path, "--most", "3"},
		"api/groups?k=3":                       {"groups", path, "--k", "3"},
		"api/items/kind0%2F003.png/neighbours": {"search", path, "kind0/003.png"},
	} {
		ask, url := http.Get, report["url"].(string)+route
		if command[0] == "classify" {
			ask = func(url string) (*http.Response, error) {
				return http.Post(url, "text/csv", bytes.NewReader(read(t, named)))
			}
		}
		r, err := ask(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil || r.StatusCode != http.StatusOK {
			t.Errorf("/%s: %d, %v\n%s", route, r.StatusCode, err, body)
			continue
		}
		got, want := map[string]any{}, map[string]any{}
		decodeInto(t, must(t, append(command, "--json")...), &want)
		if err := json.NewDecoder(bytes.NewReader(body)).Decode(&got); err != nil {
			t.Fatal(err)
		}
		for _, answer := range []map[string]any{got, want} {
			if _, timed := answer["search_seconds"]; timed != strings.HasSuffix(route, "neighbours") {
				t.Errorf("/%s: %v", route, answer)
			}
			if _, timed := answer["classify_seconds"]; timed != (command[0] == "classify") {
				t.Errorf("/%s: %v", route, answer)
			}
			delete(answer, "search_seconds")
			delete(answer, "classify_seconds")
			delete(answer, "index")   // as it was called, and its name
			delete(answer, "seconds") // of a command, with the neighbour graph
			delete(answer, "peak_rss_bytes")
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("/%s:\n%v\nsmt %v:\n%v", route, got, command, want)
		}
	}
	page := filepath.Join(t.TempDir(), "map.html")
	must(t, "map", path, "-o", page)
	for at, want := range map[string]string{"": `url=/map"`, "map": string(read(t, page))} {
		r, body, err := patiently(report["url"].(string) + at)
		if err != nil || r.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("/%s: %d, %d bytes, without %d that it is to have: %v", at, r.StatusCode, len(body), len(want), err)
		}
	}
	if o := end(); o.code != 0 || o.stderr != "" {
		t.Errorf("ended with %d: %s", o.code, o.stderr)
	}
	mustFail(t, exitUsage, []string{"--bank is of no use with an index"}, "serve", path, "--bank", "9")
	mustFail(t, exitUsage, []string{"--public"}, "serve", path, "--addr", ":8080")
	mustFail(t, exitUsage, []string{"DATA is missing"}, "serve", t.TempDir())
}
