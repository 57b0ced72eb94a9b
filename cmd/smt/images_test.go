package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/modelfile"
)

func wantText(t *testing.T, what, text string, says ...string) {
	t.Helper()
	// Columns are as wide as what else is in them.
	text = strings.Join(strings.Fields(text), " ")
	for _, s := range says {
		if !strings.Contains(text, s) {
			t.Errorf("%s does not say %q:\n%s", what, s, text)
		}
	}
}

func wantJSON(t *testing.T, what string, object map[string]any, want map[string]any) {
	t.Helper()
	for key, value := range want {
		if object[key] != value {
			t.Errorf("%s: %s is %v, want %v", what, key, object[key], value)
		}
	}
}

// Every command says how many images a model is of and, where that is fewer, how many its
// statistics are of.
func TestCountsOfImages(t *testing.T) {
	gray, colour := idxData(t, 60, 20), pngData(t, 48)
	for _, c := range []struct {
		data             string
		flags            []string
		says             string
		images, counted  float64
		statistics, atom string
	}{
		{gray, []string{"--images", "20"}, "60 images, statistics of 20 of them", 60, 20,
			"of 20 of them; ", "64, from a sample of all of them"},
		{gray, []string{"--images", "0"}, "60 images", 60, 60,
			"of all of them; ", "64, from a sample of all of them"},
		{gray, []string{"--images", "500", "--holdout", "10"}, "50 images", 50, 50,
			"of all of them; ", "64, from a sample of all of them"},
		{gray, []string{"--images", "15", "--holdout", "10"}, "50 images, statistics of 15 of them", 50, 15,
			"of 15 of them; ", "64, from a sample of all of them"},
		{colour, []string{"--images", "30"}, "48 images, statistics of 30 of them", 48, 30,
			"of 30 of them and their flips; ", "all of them and their flips"},
		{colour, []string{"--images", "30", "--grayscale"}, "48 images, statistics of 30 of them", 48, 30,
			"of 30 of them, their gray views, and the flips of both; ", "all of them, their gray views, and the flips of both"},
	} {
		path := filepath.Join(t.TempDir(), "model.safetensors")
		fit := append(append([]string{"fit", c.data, "-o", path}, small...), c.flags...)
		what := strings.Join(c.flags, " ")
		wantText(t, "fit "+what, must(t, fit...), "fitted on "+c.says)
		want := map[string]any{"fit_images": c.images, "counted_images": c.counted}
		wantJSON(t, "fit "+what, mustJSON(t, nil, fit...), want)

		wantText(t, "info "+what, must(t, "info", path), "statistics "+c.statistics, c.atom)
		data := mustJSON(t, nil, "info", path)["data"].(map[string]any)
		wantJSON(t, "info "+what, data, map[string]any{"images": c.images, "counted": c.counted, "sampled": c.images})

		eval := []string{"eval", path, c.data}
		if c.data == colour {
			eval = append(eval, "--holdout", "8")
		}
		wantText(t, "eval "+what, must(t, eval...), "fitted on "+c.says+" kNN")
		wantJSON(t, "eval "+what, mustJSON(t, nil, eval...), want)

		report := filepath.Join(t.TempDir(), "report")
		must(t, append([]string{"explain", path, c.data, "-o", report}, few...)...)
		page := string(read(t, filepath.Join(report, "index.html")))
		shape := map[string]string{gray: "14×14×1", colour: "14×14×3"}[c.data]
		madeFrom := strings.Replace(c.says, ", statistics of", " of "+shape+", with statistics of", 1)
		wantText(t, "explain "+what, page, "It was made from "+madeFrom)
	}
}

func TestCountsThatAreNotRecorded(t *testing.T) {
	for images, want := range map[fitImages]string{
		{60, 0}:        "60 images, statistics of a number of them that is not recorded",
		{60000, 60000}: "60,000 images",
		{60000, 1000}:  "60,000 images, statistics of 1,000 of them",
	} {
		if got := images.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What images are to a model is said as it is: of which split they are, and whether the
// model was fitted on them.
func TestOriginOfImages(t *testing.T) {
	split, unsplit, other := idxData(t, 60, 20), idxData(t, 60, 0), idxData(t, 50, 0)
	whole := fitSmall(t, unsplit) // the training images of split are the same
	held := fitSmall(t, unsplit, "--holdout", "12", "--seed", "4")
	tested := fitSmall(t, split, "--split", "test")
	part := fitSmall(t, split, "--split", "test", "--holdout", "5")
	var both [2]string // folders of two models, of which one has seen what the other has not
	for i, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
		both[i] = t.TempDir()
		write(t, modelfile.Path(both[i], names[0]), read(t, whole))
		write(t, modelfile.Path(both[i], names[1]), read(t, held))
	}
	for _, c := range []struct {
		says          string
		split, fitted string
		args          []string
	}{
		{"20 test images)", "test", "none", []string{"eval", whole, split}},
		{"20 test images)", "test", "none", []string{"eval", held, split}},
		{"20 test images, which the model was fitted on)", "test", "all", []string{"eval", tested, split}},
		{"20 test images, part of which the model may have been fitted on)", "test", "some", []string{"eval", part, split}},
		{"12 held-out training images)", "training", "none", []string{"eval", held, unsplit, "--holdout", "12"}},
		{"9 held-out training images)", "training", "none", []string{"eval", held, unsplit, "--holdout", "9"}},
		{"5 held-out training images)", "training", "none", []string{"eval", held, unsplit, "--holdout", "9", "--test", "5"}},
		{"13 training images, part of which the model may have been fitted on)", "training", "some", []string{"eval", held, unsplit, "--holdout", "13"}},
		{"12 training images, part of which the model may have been fitted on)", "training", "some", []string{"eval", held, unsplit, "--holdout", "12", "--seed", "5"}},
		{"12 training images, which the model was fitted on)", "training", "all", []string{"eval", whole, unsplit, "--holdout", "12"}},
		{"12 training images, which the model may have been fitted on)", "training", "unknown", []string{"eval", whole, other, "--holdout", "12"}},
		{"12 training images, which the model was fitted on)", "training", "all", []string{"eval", both[0], unsplit, "--holdout", "12", "--seed", "4"}},
		{"12 training images, which the model was fitted on)", "training", "all", []string{"eval", both[1], unsplit, "--holdout", "12", "--seed", "4"}},
		{"12 test images)", "test", "none", []string{"explain", whole, split}},
		{"12 test images, which the model was fitted on)", "test", "all", []string{"explain", tested, split}},
		{"12 training images, which the model was fitted on)", "training", "all", []string{"explain", whole, unsplit}},
		{"12 held-out training images)", "training", "none", []string{"explain", held, unsplit}},
		{"10 training images, which the model may have been fitted on)", "training", "unknown", []string{"explain", whole, other}},
	} {
		args := c.args
		if args[0] == "explain" {
			args = append(append(args, few...), "-o", filepath.Join(t.TempDir(), "report"))
		}
		what := strings.Join(c.args, " ")
		out := must(t, args...)
		wantText(t, what, out, c.says)
		if c.split == "training" && strings.Contains(out, "test image") {
			t.Errorf("%s speaks of test images:\n%s", what, out)
		}
		e := mustJSON(t, nil, args...)
		if args[0] == "explain" {
			e = e["knn"].(map[string]any)
		}
		wantJSON(t, what, e["origin"].(map[string]any), map[string]any{"split": c.split, "fitted": c.fitted})
	}
}

// Of a bank of 42 no more than 42 vote, whatever is asked for.
func TestNeighboursThatVote(t *testing.T) {
	data := idxData(t, 60, 20)
	model := fitSmall(t, data)
	args := []string{"eval", model, data, "--bank", "42", "--k", "100", "--hubs", "4000"}
	wantText(t, "eval", must(t, args...), "k = 42, temperature 0.03, bank of 42 images", "hubs corrected by 42 images")
	wantJSON(t, "eval", mustJSON(t, nil, args...), map[string]any{"k": 42.0, "bank": 42.0, "hubs": 42.0})
	wantJSON(t, "eval", mustJSON(t, nil, "eval", model, data, "--k", "41"), map[string]any{"k": 41.0, "bank": 60.0})

	explain := append([]string{"explain", model, data}, "--bank", "7", "--test", "5", "--sample", "5")
	wantText(t, "explain", must(t, append(explain, "-o", filepath.Join(t.TempDir(), "r"))...), "k = 7, bank of 7 images")
	knn := mustJSON(t, nil, append(explain, "-o", filepath.Join(t.TempDir(), "r"))...)["knn"].(map[string]any)
	wantJSON(t, "explain", knn, map[string]any{"k": 7.0, "bank": 7.0})
}
