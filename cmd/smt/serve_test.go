package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// startServe starts smt serve on a free port and returns what it reported, and what
// ends it.
func startServe(t *testing.T, args ...string) (report map[string]any, end func() outcome) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		code := newApp(w, &stderr).main(ctx, append([]string{"serve", "--addr", "127.0.0.1:0", "--json", "--quiet"}, args...))
		_ = w.Close()
		ended <- code
	}()
	if err := json.NewDecoder(r).Decode(&report); err != nil {
		cancel()
		<-ended
		t.Fatalf("%v: %s", err, stderr.String())
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	return report, func() outcome {
		cancel()
		return outcome{code: <-ended, stderr: stderr.String()}
	}
}

func TestServe(t *testing.T) {
	data := idxData(t, 80, 20)
	report, end := startServe(t, fitSmall(t, data), data, "--bank", "40", "--test", "12")
	if report["bank"] != 40.0 || report["test"] != 12.0 || report["url"] != "http://"+report["addr"].(string)+"/" {
		t.Errorf("serve reports %v", report)
	}
	for path, says := range map[string]string{"": "<!doctype html>", "api/model": `"atoms":64`, "api/images/test-11/neighbours": `"bank":40`} {
		r, err := http.Get(report["url"].(string) + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil || r.StatusCode != http.StatusOK || !strings.Contains(string(body), says) {
			t.Errorf("/%s: %d, %v\n%s", path, r.StatusCode, err, body)
		}
	}
	if o := end(); o.code != 0 || o.stderr != "" {
		t.Errorf("ended with %d: %s", o.code, o.stderr)
	}
}

// Its images are those of smt explain, so that the numbers of both are comparable.
func TestServeHasTheImagesOfExplain(t *testing.T) {
	data := idxData(t, 80, 20)
	model := fitSmall(t, data)
	e := mustJSON(t, []string{"pairs"}, append([]string{"explain", model, data, "-o", filepath.Join(t.TempDir(), "r")}, few...)...)
	report, end := startServe(t, model, data, "--bank", "40", "--test", "12")
	defer end()
	for _, p := range e["pairs"].([]any) {
		p := p.(map[string]any)
		a, b := int(p["test"].(float64)), int(p["bank"].(float64))
		r, err := http.Get(report["url"].(string) + "api/pairs/test-" + count(a) + "/bank-" + count(b))
		if err != nil {
			t.Fatal(err)
		}
		var pair struct{ Cosine float64 }
		err = json.NewDecoder(r.Body).Decode(&pair)
		_ = r.Body.Close()
		if want := p["cosine"].(float64); err != nil || pair.Cosine < want-1e-5 || pair.Cosine > want+1e-5 {
			t.Errorf("test %d and bank %d: cosine %g, %v; explain has %g", a, b, pair.Cosine, err, want)
		}
	}
}

func TestServeFailures(t *testing.T) {
	data := idxData(t, 40, 8)
	model := fitSmall(t, data)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range []struct {
		code int
		says []string
		args []string
	}{
		{exitUsage, []string{"MODEL is missing"}, []string{"serve"}},
		{exitUsage, []string{"DATA is missing"}, []string{"serve", model}},
		{exitUsage, []string{"--bank is 0"}, []string{"serve", model, data, "--bank", "0"}},
		{exitUsage, []string{":8080", "--public"}, []string{"serve", model, data, "--addr", ":8080"}},
		{exitUsage, []string{"0.0.0.0:0", "--public"}, []string{"serve", model, data, "--addr", "0.0.0.0:0"}},
		{exitUsage, []string{"smt.example:80", "--public"}, []string{"serve", model, data, "--addr", "smt.example:80"}},
		{exitUsage, []string{"host:port"}, []string{"serve", model, data, "--addr", "8080"}},
		{exitFailure, []string{"missing"}, []string{"serve", filepath.Join(data, "missing"), data, "--addr", "127.0.0.1:0"}},
		{exitFailure, []string{l.Addr().String()}, []string{"serve", model, data, "--addr", l.Addr().String()}},
	} {
		mustFail(t, c.code, c.says, c.args...)
	}
}

func TestCheckAddress(t *testing.T) {
	for addr, alone := range map[string]bool{"127.0.0.1:0": true, "localhost:80": true, "[::1]:8080": true, "127.9.9.9:1": true, "[::]:80": false, "10.0.0.1:80": false, ":1": false} {
		if err := checkAddress(addr, false); (err == nil) != alone {
			t.Errorf("%s: %v", addr, err)
		}
		if err := checkAddress(addr, true); err != nil {
			t.Errorf("%s, public: %v", addr, err)
		}
	}
	for addr, want := range map[string]string{"127.0.0.1:7": "http://127.0.0.1:7/", "[::]:7": "http://localhost:7/", "0.0.0.0:7": "http://localhost:7/"} {
		at, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := url(at); got != want {
			t.Errorf("%s is found at %s, want %s", addr, got, want)
		}
	}
}
