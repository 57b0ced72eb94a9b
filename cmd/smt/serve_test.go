package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// startServe starts smt serve on a free port, waits until it is ready, and returns what
// it reported, and what ends it.
func startServe(t *testing.T, args ...string) (report map[string]any, end func() outcome) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, out := io.Pipe()
	stderr, says := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		code := newApp(out, says).main(ctx, append([]string{"serve", "--addr", "127.0.0.1:0", "--json"}, args...))
		_ = out.Close()
		_ = says.Close()
		ended <- code
	}()
	var said strings.Builder
	ready, all := make(chan bool, 1), make(chan struct{})
	go func() {
		defer close(all)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if lines.Text() == "ready" {
				ready <- true
				continue
			}
			fmt.Fprintln(&said, lines.Text())
		}
		ready <- false
	}()
	// It is reported, and listens, before it is ready.
	err := json.NewDecoder(stdout).Decode(&report)
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	if err == nil && !<-ready {
		err = errors.New("it ended before it was ready")
	}
	if err != nil {
		cancel()
		<-all
		t.Fatalf("%v: ended with %d: %s", err, <-ended, said.String())
	}
	return report, func() outcome {
		cancel()
		<-all
		return outcome{code: <-ended, stderr: said.String()}
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
	if o := end(); o.code != 0 || strings.Contains(o.stderr, "smt:") {
		t.Errorf("ended with %d: %s", o.code, o.stderr)
	}
}

// Images are called test images only where the model was not fitted on them.
func TestServeSaysWhatItsImagesAre(t *testing.T) {
	split := idxData(t, 80, 20)
	lone := filepath.Join(split, "train-images-idx3-ubyte")
	other := idxData(t, 60, 20)
	model := fitSmall(t, split)
	tested := fitSmall(t, split, "--split", "test")
	for _, c := range []struct {
		name, model, data string
		split             bool
		fitted            string
	}{
		{"the test split", model, split, true, "no"},
		{"no test split, and all images fitted on", model, lone, false, "yes"},
		{"fitted on the test split", tested, split, true, "yes"},
		{"other images", model, other, true, "unknown"},
	} {
		report, end := startServe(t, c.model, c.data, "--bank", "40", "--test", "12")
		if report["test_split"] != c.split || report["tests_fitted"] != c.fitted {
			t.Errorf("%s: %v, want %t and %s", c.name, report, c.split, c.fitted)
		}
		end()
	}
	var b strings.Builder
	(&served{Bank: 1, Test: 2, Fitted: "yes"}).print(&b)
	(&served{Bank: 1, Test: 2, TestSplit: true, Fitted: "no"}).print(&b)
	for _, want := range []string{"2 images, which the model was fitted on; and your own", "2 images of the test split; and your own"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in %q", want, b.String())
		}
	}
}

// Ctrl-C while it prepares ends it, without an error.
func TestServeEndsWhileItPrepares(t *testing.T) {
	data := idxData(t, 80, 20)
	model := fitSmall(t, data)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout bytes.Buffer
	stderr := &cancelAt{line: "embedding bank", cancel: cancel}
	code := newApp(&stdout, stderr).main(ctx, []string{"serve", model, data, "--addr", "127.0.0.1:0"})
	if code != 0 || !strings.Contains(stdout.String(), "http://127.0.0.1:") || strings.Contains(stderr.told.String(), "ready") {
		t.Errorf("ended with %d after %q and %q", code, stdout.String(), stderr.told.String())
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
