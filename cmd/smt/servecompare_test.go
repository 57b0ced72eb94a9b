package main

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"reflect"
	"testing"
)

// sendFiles sends files as a form, each under the name before it, and wants an answer.
func sendFiles(t *testing.T, url string, fields ...string) []byte {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for i := 0; i < len(fields); i += 2 {
		part, err := w.CreateFormFile(fields[i], filepath.Base(fields[i+1]))
		if err == nil {
			_, err = part.Write(read(t, fields[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := http.Post(url, w.FormDataContentType(), &form)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v\n%s", url, r.StatusCode, err, body)
	}
	return body
}

// An index that is served splits the cosine of two files as smt compare does, by its model, and names the classes of files as
// smt classify does.
func TestServeIndexOfFiles(t *testing.T) {
	data := pngData(t, 48)
	model := fitSmall(t, data, "--preset", "cifar")
	path := filepath.Join(t.TempDir(), "small.index")
	must(t, "index", model, data, "-o", path)
	t.Chdir(t.TempDir()) // so that a path is a name
	write(t, "a.png", read(t, filepath.Join(data, "class0", "0000.png")))
	write(t, "b.png", read(t, filepath.Join(data, "class1", "0001.png")))
	report, end := startServe(t, path)
	api := report["url"].(string) + "api/"
	for _, c := range []struct {
		at, timed string
		fields    []string
		command   []string
	}{
		{"compare", "", []string{"b", "b.png", "a", "a.png"}, []string{"compare", model, "a.png", "b.png"}},
		{"classify?why=2", "classify_seconds", []string{"image", "a.png", "image", "b.png"}, []string{"classify", path, "a.png", "b.png", "--why", "2"}},
	} {
		got, want := map[string]any{}, map[string]any{}
		decodeInto(t, must(t, append(c.command, "--json")...), &want)
		decodeInto(t, string(sendFiles(t, api+c.at, c.fields...)), &got)
		for _, answer := range []map[string]any{got, want} {
			if _, is := answer[c.timed]; is != (c.timed != "") || len(answer) < 5 {
				t.Errorf("/%s: %v", c.at, answer)
			}
			delete(answer, c.timed)
			delete(answer, "index")          // as it was called, and its name
			delete(answer, "peak_rss_bytes") // of the command
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("/%s:\n%v\nsmt %v:\n%v", c.at, got, c.command, want)
		}
	}
	for _, picture := range []string{"why.png", "why.svg"} {
		must(t, "compare", model, "a.png", "b.png", "-o", picture)
		if got := sendFiles(t, api+"compare"+filepath.Ext(picture), "a", "a.png", "b", "b.png"); !bytes.Equal(got, read(t, picture)) {
			t.Errorf("the picture of the API, %d bytes, is not %s", len(got), picture)
		}
	}
	if o := end(); o.code != 0 || o.stderr != "" {
		t.Errorf("ended with %d: %s", o.code, o.stderr)
	}
}
