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

// Images are called test images only where the model was not fitted on them.
func TestServeSaysWhatItsImagesAre(t *testing.T) {
	split := idxData(t, 80, 20)
	lone := filepath.Join(split, "train-images-idx3-ubyte")
	model := fitSmall(t, split)
	for _, c := range []struct{ name, model, data, split, fitted, words string }{
		{"the test split", model, split, "test", "none", "test images"},
		{"no test split, and all images fitted on", model, lone, "training", "all", "training images, which the model was fitted on"},
		{"fitted on the test split", fitSmall(t, split, "--split", "test"), split, "test", "all", "test images, which the model was fitted on"},
		{"some held out", fitSmall(t, lone, "--holdout", "15"), lone, "training", "none", "held-out training images"},
		{"other images", model, filepath.Join(idxData(t, 60, 20), "train-images-idx3-ubyte"), "training", "unknown", "training images, which the model may have been fitted on"},
	} {
		report, end := startServe(t, c.model, c.data, "--bank", "40", "--test", "12")
		if origin, _ := report["origin"].(map[string]any); origin["split"] != c.split || origin["fitted"] != c.fitted {
			t.Errorf("%s: %v, want %s and %s", c.name, report, c.split, c.fitted)
		}
		r, err := http.Get(report["url"].(string) + "api/model")
		if err != nil {
			t.Fatal(err)
		}
		var about struct {
			Are string `json:"tests_are"`
		}
		if err := json.NewDecoder(r.Body).Decode(&about); err != nil || about.Are != c.words {
			t.Errorf("%s: the page says %q, want %q: %v", c.name, about.Are, c.words, err)
		}
		_ = r.Body.Close()
		end()
	}
}

// The page is told, and opens, before the preparations are done; Ctrl-C then ends it.
func TestServeOpensAtOnce(t *testing.T) {
	data := idxData(t, 80, 20)
	model := fitSmall(t, data)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout strings.Builder
	stderr := writerFunc(func(b []byte) (int, error) {
		// The bank is not embedded yet, and will not be until this returns.
		if !strings.HasPrefix(string(b), "embedding bank: 0") {
			return len(b), nil
		}
		_, rest, _ := strings.Cut(stdout.String(), "http://")
		address, _, _ := strings.Cut(rest, " ")
		for path, want := range map[string]string{"": "<!doctype html>", "api/status": `"stage":"embedding bank"`, "api/model": "still preparing"} {
			r, err := http.Get("http://" + address + path)
			if err != nil {
				t.Error(err)
				continue
			}
			body, err := io.ReadAll(r.Body)
			_ = r.Body.Close()
			if err != nil || !strings.Contains(string(body), want) {
				t.Errorf("/%s: %v: %s", path, err, body)
			}
		}
		cancel()
		return len(b), nil
	})
	code := newApp(&stdout, stderr).main(ctx, []string{"serve", model, data, "--addr", "127.0.0.1:0"})
	if code != exitFailure || strings.Contains(stdout.String(), "to choose from") || ctx.Err() == nil {
		t.Errorf("ended with %d after %q", code, stdout.String())
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

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
		{exitUsage, []string{`--addr is "127.0.0.1:99999"`, "0 to 65535"}, []string{"serve", model, data, "--addr", "127.0.0.1:99999"}},
		{exitFailure, []string{"missing"}, []string{"serve", filepath.Join(data, "missing"), data, "--addr", "127.0.0.1:0"}},
		{exitFailure, []string{l.Addr().String()}, []string{"serve", model, data, "--addr", l.Addr().String()}},
	} {
		mustFail(t, c.code, c.says, c.args...)
	}
}

func TestCheckAddress(t *testing.T) {
	for addr, local := range map[string]bool{"127.0.0.1:0": true, "localhost:80": true, "[::1]:8080": true, "127.9.9.9:1": true, "[::]:80": false, "10.0.0.1:80": false, ":1": false} {
		if err := checkAddress(addr, false); (err == nil) != local {
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
