package main

import (
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
)

// someLabels writes the labels of every n-th image of a folder of classes.
func someLabels(t testing.TB, data string, n int) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "*", "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("id,label\n")
	for _, f := range files {
		class := filepath.Base(filepath.Dir(f))
		var number int
		if _, err := fmt.Sscanf(filepath.Base(f), "%d", &number); err != nil {
			t.Fatal(err)
		}
		if number/classed%n == 0 {
			fmt.Fprintf(&b, "%s/%s,%s\n", class, filepath.Base(f), class)
		}
	}
	path := filepath.Join(t.TempDir(), "labels.csv")
	write(t, path, []byte(b.String()))
	return path
}

// From two labels a class all other images of an index are named, and images that are not in it.
func TestClassify(t *testing.T) {
	data := pngData(t, 120)
	path, labels := indexOf(t, data), someLabels(t, data, 15)
	keys := []string{"index", "items", "method", "labels", "classes", "images", "classify_seconds", "peak_rss_bytes"}
	r := mustJSON(t, keys, "classify", path, "--labels", labels)
	wantJSON(t, "classify", r, map[string]any{"items": 120.0, "method": "spreading", "labels": 8.0})
	images := r["images"].([]any)
	if len(images) != 112 {
		t.Errorf("%d images, want the 112 without labels", len(images))
	}
	right := 0
	for _, i := range images {
		image := i.(map[string]any)
		name, label := image["image"].(string), image["label"].(string)
		if filepath.ToSlash(filepath.Dir(name)) == label {
			right++
		}
		why := image["why"].([]any)
		if len(why) == 0 || len(why) > 3 {
			t.Fatalf("%s: %d images speak for it, want up to 3", name, len(why))
		}
		for _, w := range why {
			if w.(map[string]any)["id"] == name {
				t.Errorf("%s speaks for itself", name)
			}
		}
		first := why[0].(map[string]any)
		if share := first["share"].(float64); !(share > 0 && share <= 1) || first["id"] == "" {
			t.Errorf("%s: %v speaks for it", name, first)
		}
	}
	if right < 100 {
		t.Errorf("%d of 112 are right, want 100", right)
	}
	other := filepath.Join(pngData(t, 8), "class2", "0002.png")
	wantText(t, "classify", must(t, "classify", path, other, "--labels", labels), other, "class2", "by ", "spreading, of 8 labels and 4 classes of 120 images")
}

// What was learned is kept, and answers as it did; without labels the index's own are taken.
func TestClassifyKeeps(t *testing.T) {
	data := pngData(t, 100)
	path := indexOf(t, data)
	learned, table := filepath.Join(t.TempDir(), "labels.readout"), filepath.Join(t.TempDir(), "answers.csv")
	image := filepath.Join(pngData(t, 8), "class1", "0001.png")
	must(t, "classify", path, image, "class3/0003.png", "-o", learned, "--csv", table)
	again := must(t, "classify", path, image, "class3/0003.png", "--learned", learned, "--csv", "-", "--quiet")
	if want := string(read(t, table)); again != want {
		t.Errorf("what was learned answers\n%s, and before\n%s", again, want)
	}
	rows, err := csv.NewReader(strings.NewReader(again)).ReadAll()
	if err != nil || len(rows) != 3 || strings.Join(rows[0], ",") != "id,label,probability,p(class0),p(class1),p(class2),p(class3),why" || rows[1][1] != "class1" || rows[2][1] != "class3" {
		t.Errorf("the table is %v: %v", rows, err)
	}
	mustFail(t, exitFailure, []string{"learned of another bank: identity is"}, "classify", indexOf(t, pngData(t, 40)), image, "--learned", learned)
	mustFail(t, exitUsage, []string{"have labels", "want an IMAGE"}, "classify", path)
	mustFail(t, exitUsage, []string{"--labels and --learned"}, "classify", path, image, "--labels", table, "--learned", learned)
	mustFail(t, exitUsage, []string{"--why is -1"}, "classify", path, image, "--why", "-1")
	mustFail(t, exitUsage, []string{"-o is -"}, "classify", path, image, "-o", "-")
	mustFail(t, exitFailure, []string{"no such file, and no image of that name"}, "classify", path, "nothing.png")
	mustFail(t, exitFailure, []string{"none.csv: no such file"}, "classify", path, "--labels", filepath.Join(t.TempDir(), "none.csv"))
	mustFail(t, exitFailure, []string{table, "want an id and a label in each line"}, "classify", path, "--labels", table)
}

// The atoms of a file that speak for its class are told, with where they are; what all add is the score. Of an image of the index, which has
// no pixels, they are not.
func TestClassifyTellsAtoms(t *testing.T) {
	data := pngData(t, 100)
	path := indexOf(t, data)
	image := filepath.Join(pngData(t, 8), "class1", "0001.png")
	r := mustJSON(t, nil, "classify", path, image, "class3/0003.png", "--why", "4")
	images := r["images"].([]any)
	if item := images[1].(map[string]any); item["atoms"] != nil || item["split"] != nil {
		t.Errorf("an image without pixels has atoms: %v", item)
	}
	first := checkAtoms(t, images[0].(map[string]any), 4)[0].(map[string]any)
	text := must(t, "classify", path, image, "--why", "4")
	wantText(t, "classify", text, fmt.Sprintf("atom %.0f, ", first["atom"]), "atoms add up to ", "most at ")
	if none := must(t, "classify", path, image, "--why", "0"); strings.Contains(none, "atom") {
		t.Errorf("atoms that were not asked for: %s", none)
	}
}

// checkAtoms checks the atoms that are told of an image, and returns them.
func checkAtoms(t *testing.T, v map[string]any, n int) []any {
	t.Helper()
	split, atoms := v["split"].(map[string]any), v["atoms"].([]any)
	if off := split["sum"].(float64) - split["score"].(float64); len(atoms) != n || !(math.Abs(off) < 1e-4) || split["runner_up"] == v["label"] || !(split["active"].(float64) > 4) {
		t.Errorf("%d atoms, %v", len(atoms), split)
	}
	last := math.Inf(1)
	for _, a := range atoms {
		a := a.(map[string]any)
		part := a["part"].(float64)
		if share := a["share"].(float64); !(part > 0 && part <= last) || !(share > 0 && share < 1) || len(a["places"].([]any)) == 0 || !(a["patches"].(float64) >= 1) {
			t.Errorf("after a part of %g: %v", last, a)
		}
		for _, p := range a["places"].([]any) {
			for k, at := range p.([]any)[:2] {
				if edge := at.(float64) + p.([]any)[2+k].(float64); !(at.(float64) >= 0 && edge <= side) {
					t.Errorf("a place is %v, in a picture of %d × %d", p, side, side)
				}
			}
		}
		last = part
	}
	return atoms
}

// Of images that a model straightens before it cuts them, the atoms are those of the straightened image: what all add is the score, of one
// model and of several of which one straightens. What telling them takes is counted before labels are learned from.
func TestClassifyTellsAtomsOfStraightened(t *testing.T) {
	data := grayData(t, 80)
	image := filepath.Join(grayData(t, 8), "class1", "0001.png")
	for model, members := range map[string]int{fitSmall(t, data, "--preset", "mnist", "--deskew"): 1, fitBest(t, data): 2} {
		path := filepath.Join(t.TempDir(), "gray.index")
		must(t, "index", model, data, "-o", path, "--quiet")
		r := mustJSON(t, nil, "classify", path, image, "--why", "6")
		told := map[any]bool{}
		for _, a := range checkAtoms(t, r["images"].([]any)[0].(map[string]any), 6) {
			told[a.(map[string]any)["member"]] = true
		}
		if members == 2 && !told["straight"] {
			t.Errorf("atoms of %v, none of the member that straightens", told)
		}
		learned := filepath.Join(t.TempDir(), "gray.readout")
		must(t, "classify", path, image, "--why", "0", "-o", learned)
		for _, learned := range []string{"", learned} {
			checkRoom(t, path, image, learned)
		}
	}
}

// checkRoom asks for an image's class with as much memory as it takes, and with a byte less.
func checkRoom(t *testing.T, path, image, learned string) {
	t.Helper()
	x, err := index.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	a := newApp(io.Discard, io.Discard)
	a.quiet = true
	p := a.newProgress()
	defer p.close()
	j := &classifyJob{app: a, x: x, learned: learned, why: 3}
	if j.known, err = j.labelsOf(t.Context()); err != nil {
		t.Fatal(err)
	}
	u, err := j.queries(t.Context(), []string{image})
	if err != nil {
		t.Fatal(err)
	}
	said := u.Memory(x.Shape(), classed)
	u.Why = 0
	if plain := u.Memory(x.Shape(), classed); !(said > plain+1e4) {
		t.Errorf("with atoms an answer takes %g bytes, without %g", said, plain)
	}
	u.Why = 3
	need := memory.Estimate(answers.Memory(x.Len(), x.Dim(), j.known.Memory(x.Dim())+said))
	if learned != "" {
		c, err := j.classifier(t.Context(), u, memory.Room{}, p)
		if err != nil {
			t.Fatal(err)
		}
		need = memory.Estimate(c.Memory() + said)
	}
	for _, short := range []int64{0, 1} {
		_, err := j.classifier(t.Context(), u, memory.Room{Bytes: need - short, By: "this machine"}, p)
		if refused := err != nil && strings.Contains(err.Error(), "takes about"); refused != (short > 0) {
			t.Errorf("%d bytes too little: error %v", short, err)
		}
	}
}

// What is said of an image is the same alone, in any order and beside others.
func TestClassifyOneByOne(t *testing.T) {
	data := pngData(t, 100)
	path, others := indexOf(t, data), pngData(t, 12)
	a, b, c := filepath.Join(others, "class1", "0001.png"), filepath.Join(others, "class2", "0002.png"), filepath.Join(others, "class0", "0008.png")
	said := map[string]any{}
	for _, images := range [][]string{{a}, {b}, {a, b}, {b, a}, {c, b, "class3/0003.png", a}} {
		for _, v := range mustJSON(t, nil, append([]string{"classify", path}, images...)...)["images"].([]any) {
			name := v.(map[string]any)["image"].(string)
			if before, has := said[name]; has && !reflect.DeepEqual(v, before) {
				t.Errorf("%s of %v: %v, and before %v", name, images, v, before)
			}
			said[name] = v
		}
	}
}

// The page of classify has, of each image, its picture, its classes with their probabilities, and pictures of the images and the atoms that speak for
// it, as --json tells them; it asks for nothing.
func TestClassifyPage(t *testing.T) {
	data := pngData(t, 100)
	path, page := indexOf(t, data), filepath.Join(t.TempDir(), "why.html")
	image := filepath.Join(pngData(t, 8), "class1", "0001.png")
	var r struct {
		answers.Classified
		Page string `json:"html"`
	}
	decodeInto(t, must(t, "classify", path, image, "class3/0003.png", "--why", "4", "--html", page, "--json", "--quiet"), &r)
	text := string(read(t, page))
	if r.Page != page {
		t.Errorf("the page is %q", r.Page)
	}
	sections := strings.Split(text, "<section>")[1:]
	if len(sections) != 2 {
		t.Fatalf("%d sections, want one for each image", len(sections))
	}
	for i, v := range r.Images {
		s := html.UnescapeString(sections[i])
		wantText(t, "the page", s, "<h2>"+v.Image+"</h2>", "Images that speak for "+v.Label)
		if first := s[strings.Index(s, "<th"):]; !strings.HasPrefix(first, `<th scope="row">`+v.Label+"<") {
			t.Errorf("%s: the first class is %.60s, want %s", v.Image, first, v.Label)
		}
		for k, p := range v.Probabilities {
			wantText(t, "the classes", s, `<th scope="row">`+r.Classes[k]+"</th>", fmt.Sprintf("<td>%.1f %%</td>", 100*p))
		}
		for _, w := range v.Why {
			if w.ID == v.Image {
				t.Errorf("%s speaks for itself", w.ID)
			}
			wantText(t, "the images", s, w.ID+"<span>", fmt.Sprintf("%.1f %%, cosine %.3f", 100*w.Share, w.Cosine))
		}
		pictures, frames := 1+len(v.Why)+2*len(v.Atoms), 0
		for _, a := range v.Atoms {
			wantText(t, "the atoms", s, fmt.Sprintf(`alt="atom %d"`, a.Atom), fmt.Sprintf("%+.4f (%+.4f)", a.Part, a.RunnerUp))
			frames += len(a.Places)
		}
		if n := strings.Count(s, `src="data:image/png;base64,`); n != pictures {
			t.Errorf("%s: %d pictures, want %d", v.Image, n, pictures)
		}
		if n := strings.Count(s, `<i style="left: `); n != frames || (frames == 0) != (i == 1) {
			t.Errorf("%s: %d frames, want %d, and some of the file alone", v.Image, n, frames)
		}
	}
	for _, no := range []string{"http:", "https:", "ZgotmplZ", "<script"} {
		if strings.Contains(text, no) {
			t.Errorf("the page has %s", no)
		}
	}
	wantText(t, "what is printed", must(t, "classify", path, image, "--html", page), "page", page)
	if none := must(t, "classify", path, "--labels", someLabels(t, data, 15), "--why", "0", "--html", page, "--quiet"); none == "" || strings.Contains(string(read(t, page)), "speak for") {
		t.Error("with --why 0 the page tells why")
	}
	if n := strings.Count(string(read(t, page)), "<section>"); n != 92 {
		t.Errorf("%d images on the page, want the 92 without labels", n)
	}
	mustFail(t, exitUsage, []string{"--html is -: want a file"}, "classify", path, image, "--html", "-")
	mustFail(t, exitFailure, []string{"--html", path}, "classify", path, image, "--html", path)
}

// Of many classes a page has the most probable, and what is left for the others; all add up to 1.
func TestMostProbable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(0, 100), 1, 120).Draw(t, "weights")
		weights[rapid.IntRange(0, len(weights)-1).Draw(t, "one")]++ // so that there is one
		total := 0
		for _, w := range weights {
			total += w
		}
		names, p := make([]string, len(weights)), make([]float64, len(weights))
		for i, w := range weights {
			names[i], p[i] = fmt.Sprint(i), float64(w)/float64(total)
		}
		shown := mostProbable(names, p)
		sum, most := 0.0, slices.Clone(p)
		slices.Sort(most)
		slices.Reverse(most)
		for i, c := range shown {
			sum += c.Percent
			if i < classesShown && c.Percent != 100*most[i] {
				t.Errorf("class %d of the page has %g %%, want %g", i, c.Percent, 100*most[i])
			}
		}
		if want := min(len(p), classesShown+1); len(shown) != want || math.Abs(sum-100) > 1e-9 {
			t.Errorf("%d rows that add up to %g %%, want %d", len(shown), sum, want)
		}
		if last := shown[len(shown)-1].Name; (len(p) > classesShown+1) != strings.HasSuffix(last, " others") {
			t.Errorf("the last of %d is %q", len(p), last)
		}
	})
}
