package atlas

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/knn"
	"github.com/sparse-manifold/smt/layout"
)

func quiet(int, int) {}

// flags are pictures of one colour each, 24 pixels across and 12 down.
type flags []color.RGBA

func (f flags) Len() int                 { return len(f) }
func (f flags) ID(i int) (string, error) { return fmt.Sprintf("a folder/<%d> & \"more\".jpg", i), nil }
func (f flags) Thumbnail(i int) ([]byte, error) {
	im := image.NewRGBA(image.Rect(0, 0, 24, 12))
	for k := range 24 * 12 {
		im.SetRGBA(k%24, k/24, f[i])
	}
	var b bytes.Buffer
	err := png.Encode(&b, im)
	return b.Bytes(), err
}

// small is a map of n items.
func small(n int) *Map {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	m := &Map{Title: "Flags </title>", Kinds: []Kinds{{"class", []string{"a <b>", "c"}, nil}}, Scores: []Scores{{"outlier score", nil}}}
	var items flags
	for i := range n {
		items = append(items, color.RGBA{uint8(rng.IntN(256)), uint8(rng.IntN(256)), uint8(rng.IntN(256)), 255})
		m.Places = append(m.Places, layout.Point{X: rng.NormFloat64(), Y: 3 * rng.NormFloat64()})
		m.Near = append(m.Near, []knn.Neighbour{{Index: (i + 1) % n, Cosine: 0.5, Flip: i%2 == 0}, {Index: (i + 2) % n, Cosine: -0.25}})
		m.Kinds[0].Of = append(m.Kinds[0].Of, i%3-1)
		m.Scores[0].Of = append(m.Scores[0].Of, float64(i))
	}
	m.Items = items
	return m
}

func written(t *testing.T, m *Map) string {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(t.Context(), &b, quiet); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// held is what an element of the page holds.
func held(t *testing.T, page, id string) []byte {
	t.Helper()
	_, rest, found := strings.Cut(page, fmt.Sprintf("<script type=\"text/plain\" id=%q>", id))
	text, _, closed := strings.Cut(rest, "</script>")
	b, err := base64.StdEncoding.DecodeString(text)
	if !found || !closed || err != nil {
		t.Fatalf("element %s: found %v, closed %v, error %v", id, found, closed, err)
	}
	return b
}

func numbers[T any](t *testing.T, page, id string, n int) []T {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(held(t, page, id)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	out := make([]T, n)
	if err != nil || binary.Size(out) != len(b) {
		t.Fatalf("%s: %d bytes, %v; want %d", id, len(b), err, binary.Size(out))
	}
	if err := binary.Read(bytes.NewReader(b), binary.LittleEndian, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// What the page holds of each item is found again where the scripts look for it: its name, its place, its
// kind and score, its neighbours and the colour of its thumbnail, in its sheet and in the overview.
func TestPageHoldsAll(t *testing.T) {
	const n, tile = 700, 64
	m := small(n)
	m.Tile = tile
	page := written(t, m)
	z, err := gzip.NewReader(bytes.NewReader(held(t, page, "ids")))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	if err := json.NewDecoder(z).Decode(&ids); err != nil {
		t.Fatal(err)
	}
	number := map[string]int{}
	for i := range n {
		id, _ := m.Items.ID(i)
		number[id] = i
	}
	places := numbers[[2]uint16](t, page, "places", n)
	near, cosines := numbers[int32](t, page, "near", 2*n), numbers[int8](t, page, "cosines", 2*n)
	kinds, scores := numbers[int32](t, page, "kinds-0", n), numbers[float32](t, page, "scores-0", n)
	ranked := numbers[int32](t, page, "ranked", n)
	sizes := numbers[[2]uint8](t, page, "sizes", n)
	var sheets []image.Image
	for c := range (n + 255) / 256 {
		sheets = append(sheets, decoded(t, held(t, page, fmt.Sprintf("sheet-%d", c))))
	}
	overview := decoded(t, held(t, page, "overview"))
	slot := make([]int, n)
	for r, k := range ranked {
		slot[k] = r
	}
	var first, last int
	for k, id := range ids {
		if number[id] == 0 {
			first = k
		}
		if number[id] == n-1 {
			last = k
		}
	}
	// Distances are those of the layout, but for one scale and rounding to the grid.
	distance := func(a, b int) float64 {
		return math.Hypot(float64(places[a][0])-float64(places[b][0]), float64(places[a][1])-float64(places[b][1]))
	}
	plane := func(a, b int) float64 {
		p, q := m.Places[number[ids[a]]], m.Places[number[ids[b]]]
		return math.Hypot(p.X-q.X, p.Y-q.Y)
	}
	scale := distance(first, last) / plane(first, last)
	for k, id := range ids {
		i := number[id]
		if math.Abs(distance(k, first)-scale*plane(k, first)) > 1e-3*65535 {
			t.Fatalf("item %d is %g from the first, want %g", i, distance(k, first), scale*plane(k, first))
		}
		if int(kinds[k]) != m.Kinds[0].Of[i] || float64(scores[k]) != float64(i) {
			t.Fatalf("item %d has kind %d and score %g", i, kinds[k], scores[k])
		}
		for r, to := range m.Near[i] {
			v := near[2*k+r]
			if number[ids[v/2]] != to.Index || v%2 == 1 != to.Flip || float32(cosines[2*k+r]) != 100*to.Cosine {
				t.Fatalf("item %d has %d and %d as its neighbour %d, want %v", i, v, cosines[2*k+r], r, to)
			}
		}
		if sizes[k] != [2]uint8{tile, tile / 2} {
			t.Fatalf("item %d is %v in its tile", i, sizes[k])
		}
		want := m.Items.(flags)[i]
		of := k % 256
		for _, x := range []int{0, tile - 1} {
			like(t, sheets[k/256].At(of%16*tile+x, of/16*tile), want)
		}
		like(t, overview.At(slot[k]%64*32+31, slot[k]/64*32), want)
	}
}

func decoded(t *testing.T, b []byte) image.Image {
	t.Helper()
	im, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// like compares colours: a JPEG of one colour is off by some steps of 256.
func like(t *testing.T, got color.Color, want color.RGBA) {
	t.Helper()
	r, g, b, _ := got.RGBA()
	for _, d := range []int{int(r>>8) - int(want.R), int(g>>8) - int(want.G), int(b>>8) - int(want.B)} {
		if d < -8 || d > 8 {
			t.Fatalf("colour %v, want %v", got, want)
		}
	}
}

// The page asks for nothing outside it, names are no markup, and the still picture is one.
func TestPageIsWhole(t *testing.T) {
	page := written(t, small(30))
	for _, no := range []string{"http:", "https:", "src=\"/", "@import", "</title> ", "<b>"} {
		if strings.Contains(page, no) {
			t.Errorf("the page has %s", no)
		}
	}
	all := regexp.MustCompile(`(?:src|href)="([^"]{0,30})`).FindAllStringSubmatch(page, -1)
	for _, a := range all {
		if !strings.HasPrefix(a[1], "data:") {
			t.Errorf("the page asks for %s", a[1])
		}
	}
	_, rest, _ := strings.Cut(page, "src=\"data:image/jpeg;base64,")
	text, _, _ := strings.Cut(rest, "\"")
	b, err := base64.StdEncoding.DecodeString(strings.NewReplacer("&#43;", "+", "%2b", "+").Replace(text))
	if err != nil {
		t.Fatal(err)
	}
	if w := decoded(t, b).Bounds().Dx(); w != stillWidth {
		t.Errorf("the still picture is %d pixels wide", w)
	}
	if again := written(t, small(30)); again != page {
		t.Error("the same map gave two pages")
	}
}

// Each item has one rank, and those of the first ranks stand for squares: of any square with items one comes before its
// other items, no later than the number of squares of that size and larger.
func TestRank(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		codes := rapid.SliceOfN(rapid.Uint32(), 1, 300).Draw(t, "codes")
		codes = append(codes, codes[0])
		slices.Sort(codes)
		ranked := rank(codes)
		all := slices.Sorted(slices.Values(ranked))
		for k := range codes {
			if int(all[k]) != k {
				t.Fatalf("ranks %v", ranked)
			}
		}
		for cut := gridBits; cut >= 0; cut-- {
			squares := map[uint32]bool{}
			for _, c := range codes {
				squares[c>>(2*cut)] = true
			}
			before := map[uint32]bool{}
			for _, k := range ranked[:len(squares)] {
				before[codes[k]>>(2*cut)] = true
			}
			if len(before) != len(squares) {
				t.Fatalf("cut to %d, %d squares of %d have one of the first", cut, len(before), len(squares))
			}
		}
	})
}

func TestRefusedMaps(t *testing.T) {
	for want, spoil := range map[string]func(m *Map){
		"0 items: want 1":      func(m *Map) { m.Items = flags{} },
		"9 places":             func(m *Map) { m.Places = m.Places[:9] },
		"has item 10 as a":     func(m *Map) { m.Near[3][1].Index = 10 },
		"the class of 2 items": func(m *Map) { m.Kinds[0].Of = m.Kinds[0].Of[:2] },
		"is of class 2":        func(m *Map) { m.Kinds[0].Of[4] = 2 },
		"the outlier score":    func(m *Map) { m.Scores[0].Of = nil },
		"score 3 is NaN":       func(m *Map) { m.Scores[0].Of[3] = math.NaN() },
		"place 2 is":           func(m *Map) { m.Places[2].X = math.Inf(1) },
		"tiles of 20 pixels":   func(m *Map) { m.Tile = 20 },
		"thumbnail 0":          func(m *Map) { m.Items = broken{m.Items} },
	} {
		m := small(10)
		spoil(m)
		if err := m.Write(t.Context(), io.Discard, quiet); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// broken are items whose thumbnails are none.
type broken struct{ Items }

func (broken) Thumbnail(int) ([]byte, error) { return []byte("no picture"), nil }

// Progress goes from none to all, and says of nothing twice that it is done.
func TestProgressIsTold(t *testing.T) {
	m := small(3000)
	m.Tile = 32
	var told []int
	if err := m.Write(t.Context(), io.Discard, func(done, _ int) { told = append(told, done) }); err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 1024, 2048, 3000}; !slices.Equal(told, want) {
		t.Errorf("it tells %v, want %v", told, want)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	m := small(3000)
	m.Tile = 32
	last := 0
	err := m.Write(ctx, io.Discard, func(done, total int) {
		if last = done; done > 0 {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || last != 1024 {
		t.Errorf("stopped after the first sheet: error %v after %d items", err, last)
	}
}
