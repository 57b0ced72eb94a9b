package manifold

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/sparse"
)

func learned(t testing.TB, e engine) string {
	t.Helper()
	s, err := e.Learn(t.Context(), e.src, Run{})
	if err != nil {
		t.Fatal(err)
	}
	return text(s)
}

// Wherever a run is killed and whatever its batches are, it comes to the same solution.
func TestKilledAnywhere(t *testing.T) {
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	all, want := engines(t), map[string]string{}
	for name, e := range all {
		want[name] = learned(t, e)
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(all))).Draw(rt, "kind")
		e, path := all[name], filepath.Join(t.TempDir(), "part")
		begin := func() *kept {
			k, err := e.begin(groups, Run{Groups: "groups", Checkpoint: path})
			if err != nil {
				rt.Fatal(err)
			}
			return k
		}
		k, inFile := begin(), 0
		for k.done < groups {
			next := min(groups, k.done+rapid.IntRange(1, 25).Draw(rt, "batch"))
			pace.Least = time.Duration(rapid.IntRange(0, 1).Draw(rt, "write")) * time.Hour
			if _, err := e.collect(t.Context(), e.src.first(next), k.done, k.s, nil, k.counted); err != nil {
				rt.Fatal(err)
			}
			if pace.Least == 0 {
				inFile = k.done
			}
			if rapid.IntRange(0, 3).Draw(rt, "kill") == 0 {
				if k = begin(); k.done != inFile {
					rt.Fatalf("going on at group %d, %d are in the file", k.done, inFile)
				}
			}
		}
		s, err := e.Solve(t.Context(), k.s, nil)
		if err != nil {
			rt.Fatal(err)
		}
		if text(s) != want[name] {
			rt.Fatalf("%s: another solution", name)
		}
	})
}

// Who cancels a run whose statistics take seconds to write is told what goes on.
func TestWritingManyStatisticsIsSaid(t *testing.T) {
	defer func(was int64) { manyBytes = was }(manyBytes)
	for name, e := range engines(t) {
		for _, many := range []bool{false, true} {
			if manyBytes = 1 << 30; many {
				manyBytes = 1
			}
			ctx, cancel := context.WithCancel(t.Context())
			path, said := filepath.Join(t.TempDir(), "part"), false
			_, err := e.Learn(ctx, e.src, Run{Groups: "groups", Checkpoint: path, Progress: func(stage string, done, total int) {
				if stage == "statistics" && done == total {
					cancel()
				}
				if strings.HasPrefix(stage, "writing 0.0 GB") && done == 0 {
					_, err := os.Stat(path)
					said = err != nil // before it is there
				}
			}})
			if _, missing := os.Stat(path); !errors.Is(err, context.Canceled) || missing != nil || said != many {
				t.Errorf("%s: said before it was written: %v, want %v; errors %v, %v", name, said, many, err, missing)
			}
		}
	}
}

// Statistics of parts, in any order, lead to the solution that the whole leads to.
func TestPartsInAnyOrder(t *testing.T) {
	for name, e := range engines(t) {
		want := learned(t, e)
		for seed := range uint64(3) {
			rng := rand.New(rand.NewPCG(seed, 2))
			order := rng.Perm(groups)
			sum, err := e.Statistics()
			if err != nil {
				t.Fatal(err)
			}
			for len(order) > 0 {
				n := 1 + rng.IntN(len(order))
				part, err := e.Collect(t.Context(), e.src.pick(order[:n]), nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := sum.Add(part); err != nil {
					t.Fatal(err)
				}
				order = order[n:]
			}
			s, err := e.Solve(t.Context(), sum, nil)
			if err != nil {
				t.Fatal(err)
			}
			if text(s) != want {
				t.Errorf("%s, seed %d: another solution", name, seed)
			}
		}
	}
}

// What was learned meets its constraints, on statistics of every kind.
func TestObjective(t *testing.T) {
	for name, e := range engines(t) {
		s, err := e.Learn(t.Context(), e.src, Run{})
		if err != nil {
			t.Fatal(err)
		}
		if v := s.VICReg; math.Abs(v.Invariance-v.EigenvalueSum) > 1e-3*v.EigenvalueSum || math.Abs(v.Variance-1) > 1e-3 || v.Covariance > 1e-5 {
			t.Errorf("%s: objective %+v, want invariance = sum of eigenvalues, variance 1 and covariance 0", name, v)
		}
	}
}

// Half of the coordinates of each part, and more where one has more of the
// smoothest, are the same as all of both.
func TestSmallestOfTwoParts(t *testing.T) {
	e := engines(t)["whole grids"]
	s, err := e.Collect(t.Context(), e.src, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []cooccur.Coordinate
	for _, b := range e.bases() {
		found, err := e.solvePart(t.Context(), s, b, b.Size(), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, byValue)
	for n := 1; n <= e.atoms; n++ {
		got, err := e.smallest(t.Context(), s, n, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range got {
			if math.Abs(c.Eigenvalue-all[i].Eigenvalue) > 1e-5 || c.Parity != all[i].Parity {
				t.Fatalf("%d coordinates: number %d has eigenvalue %g, parity %d, want %g, %d", n, i, c.Eigenvalue, c.Parity, all[i].Eigenvalue, all[i].Parity)
			}
		}
	}
}

// One coordinate of packed statistics is found too.
func TestOneCoordinateOfPacked(t *testing.T) {
	e := engines(t)["packed"]
	e.cfg.Dims, e.cfg.Skip = 1, 0
	if s, err := e.Learn(t.Context(), e.src, Run{Progress: func(string, int, int) {}}); err != nil || len(s.Kept) != 1 {
		t.Errorf("%v, error %v", s, err)
	}
}

// Statistics that have a group in part are not written.
func TestBrokenStatisticsAreNotKept(t *testing.T) {
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	e := engines(t)["whole grids"]
	k, err := e.begin(groups, Run{Groups: "groups", Checkpoint: filepath.Join(t.TempDir(), "part")})
	if err != nil {
		t.Fatal(err)
	}
	k.s.(*cooccur.Dense).Groups = 3
	k.done = 2 // as if the third group were there in part
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.stopped(ctx, ctx.Err()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(k.Checkpoint); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a checkpoint was written: %v", err)
	}
}

// Writing a checkpoint takes no copy of the statistics.
func TestSavingCopiesNothing(t *testing.T) {
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	const atoms = 2048
	mirror := make([]uint16, atoms)
	for a := range mirror {
		mirror[a] = uint16(a ^ 1)
	}
	of := cooccur.Origin{Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2}, Atoms: atoms, Denominator: 1, Grid: cooccur.Grid{3, 3}}
	dense, err := cooccur.NewDense(of)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := cooccur.NewPacked(of, mirror)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		s    cooccur.Statistics
		size uint64
	}{{dense, 16 * atoms * atoms / 2}, {packed, 8 * atoms * atoms / 8}} {
		k := &kept{s: c.s, Run: Run{Checkpoint: filepath.Join(t.TempDir(), "part")}, pace: pace.Begin(), saved: -1}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := k.save(); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > c.size/2 {
			t.Errorf("%T: writing %d bytes took %d", c.s, c.size, n)
		}
	}
}

// Ready codes lead to what the vectors they are of lead to.
func TestReadyCodes(t *testing.T) {
	d := atoms(rand.New(rand.NewPCG(5, 15)), 16)
	d.Mirror = nil
	for name, e := range engines(t) {
		if e.cfg.Packed || e.cfg.Code == sparse.Soft {
			continue
		}
		plain, err := New(e.cfg, e.src, d)
		if err != nil {
			t.Fatal(err)
		}
		want, err := plain.Learn(t.Context(), e.src, Run{})
		if err != nil {
			t.Fatal(err)
		}
		c := coded(t, plain, e.src)
		r, err := NewOfCodes(e.cfg, c, 16)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Learn(t.Context(), c, Run{})
		if err != nil {
			t.Fatal(err)
		}
		want.Of.Encoder, got.Of.Encoder = "", ""
		if text(got) != text(want) {
			t.Errorf("%s: codes lead to another solution than vectors", name)
		}
	}
}

// coded are the codes of the groups of u.
func coded(t *testing.T, e *Encoder, u *units) codes {
	c := codes{units: u}
	for i, g := range u.groups {
		out := new(sparse.Codes)
		out.Reset()
		if err := e.Encode(t.Context(), Part{Group: vectors(g), Last: u.topologies[i].Units()}, new(Scratch), out); err != nil {
			t.Fatal(err)
		}
		c.coded = append(c.coded, out)
	}
	return c
}

// Codes that a source should not give are refused.
func TestBadCodes(t *testing.T) {
	u := walks(rand.New(rand.NewPCG(1, 1)), cooccur.Grid{1}, cooccur.Grid{2})
	for says, bad := range map[string]*sparse.Codes{
		"the atom 16 after -1":                  {Start: []int32{0, 1, 1}, Atom: []uint16{16}},
		"unit 1 of group 1 has the atom 2 afte": {Start: []int32{0, 0, 2}, Atom: []uint16{2, 2}},
		"values":                                {Start: []int32{0, 0, 1}, Atom: []uint16{2}, Value: []uint16{7}},
	} {
		c := codes{u, []*sparse.Codes{{Start: []int32{0, 1}, Atom: []uint16{15}}, bad}}
		e, err := NewOfCodes(Config{Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2}, Dims: 1}, c, 16)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Collect(t.Context(), c, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
	for _, atoms := range []int{0, sparse.MaxAtoms + 1} {
		if _, err := NewOfCodes(Config{}, u, atoms); err == nil {
			t.Errorf("codes on %d atoms were taken", atoms)
		}
	}
}

// A group of more units than are coded at once, in bands, has the sums of all its codes.
func TestBandsOfALongLine(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	lines := walks(rng, cooccur.Grid{2*BandUnits + 777}, cooccur.Grid{5})
	for _, c := range []cooccur.Context{{Kind: cooccur.Whole, Difference: 2}, {Kind: cooccur.Window, Radius: 3, Difference: 1}} {
		e, err := New(Config{Code: sparse.General, Threshold: 0.8, Context: c, Dims: 3}, lines, atoms(rng, 8))
		if err != nil {
			t.Fatal(err)
		}
		s, err := e.Collect(t.Context(), lines, nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := cooccur.NewDense(e.Origin())
		if err != nil {
			t.Fatal(err)
		}
		for i, codes := range coded(t, e, lines).coded {
			if _, err := want.Accumulate(t.Context(), []cooccur.Group{{Codes: codes, Topology: lines.topologies[i]}}); err != nil {
				t.Fatal(err)
			}
		}
		want.Release()
		if !reflect.DeepEqual(s, cooccur.Statistics(want)) {
			t.Errorf("%+v: the sums of bands differ from those of the group", c)
		}
	}
}

// What makes no sense is refused when the encoder is made, not by a wrong result or a panic later.
func TestNewRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 15))
	d, u := atoms(rng, 16), &units{digest: "units"}
	good := Config{Code: sparse.Nearest, Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2}, Dims: 3}
	if _, err := New(good, u, d); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		"0 coordinates":       func(c *Config) { c.Dims = 0 },
		"-1 skipped":          func(c *Config) { c.Skip = -1 },
		"16 atoms":            func(c *Config) { c.Skip = 14 },
		"ridge is -1":         func(c *Config) { c.Ridge = -1 },
		"want a JSON object":  func(c *Config) { c.About = "x" },
		`context kind "else"`: func(c *Config) { c.Context.Kind = "else" },
	} {
		c := good
		change(&c)
		if _, err := New(c, u, d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one of %q", err, want)
		}
		if _, err := NewOfCodes(c, codes{u, nil}, 16); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("of codes: error %v, want one of %q", err, want)
		}
	}
	for want, change := range map[string]func(*dictionary.Dictionary){
		"units of 6 values, atoms of 3": func(d *dictionary.Dictionary) { d.Dim = 3 },
		"a mirror of 15 atoms":          func(d *dictionary.Dictionary) { d.Mirror = d.Mirror[:15] },
		"the mirror of atom 0":          func(d *dictionary.Dictionary) { d.Mirror[0] = 5 },
	} {
		other := &dictionary.Dictionary{Dim: d.Dim, Atoms: slices.Clone(d.Atoms), Mirror: slices.Clone(d.Mirror)}
		change(other)
		if _, err := New(good, u, other); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one of %q", err, want)
		}
	}
	if _, err := NewOfCodes(good, u, 16); err == nil || !strings.Contains(err.Error(), "ready codes") {
		t.Errorf("codes of units with vectors and a symmetry: error %v", err)
	}
	e, err := New(good, u, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Learn(t.Context(), u, Run{Checkpoint: filepath.Join(t.TempDir(), "kept")}); err == nil || !strings.Contains(err.Error(), "Groups is empty") {
		t.Errorf("a checkpoint of no known groups: error %v", err)
	}
}

// Whatever statistics depend on is part of their identity: every field of Config that is
// not known to matter to solving alone, and what else the encoder is made of.
func TestIdentity(t *testing.T) {
	e := engines(t)["clips of one size"]
	d := atoms(rand.New(rand.NewPCG(5, 15)), 16)
	identity := func(cfg Config, digest string, d *dictionary.Dictionary) string {
		other, err := New(cfg, &units{digest: digest}, d)
		if err != nil {
			t.Fatal(err)
		}
		return other.Origin().Encoder
	}
	want := identity(e.cfg, e.digest, d)
	if want != e.Origin().Encoder {
		t.Error("the identity of the same encoder is another one")
	}
	idle := []string{"Packed", "Dims", "Skip", "Ridge", "Seed", "Names"}
	for i := range reflect.TypeOf(e.cfg).NumField() {
		other, name := e.cfg, reflect.TypeOf(e.cfg).Field(i).Name
		switch f := reflect.ValueOf(&other).Elem().Field(i); f.Kind() {
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.Int:
			f.SetInt(f.Int() + 1)
		case reflect.Array:
			f.Index(1).SetInt(f.Index(1).Int() + 1)
		case reflect.Uint64:
			f.SetUint(f.Uint() + 1)
		case reflect.Float64:
			f.SetFloat(f.Float() + 0.125)
		case reflect.Struct:
			if name == "Names" {
				other.Names.Unit = "x"
			} else {
				other.Context.Difference = 2
			}
		case reflect.String:
			if f.SetString(" " + f.String()); name == "Code" {
				f.SetString(string(sparse.Soft))
			}
		default:
			t.Fatalf("no other value for %s: add one here", name)
		}
		if same, known := identity(other, e.digest, d) == want, slices.Contains(idle, name); same != known {
			t.Errorf("Config.%s: the identity stays the same: %v; known to be no part of it: %v", name, same, known)
		}
	}
	changed := func(change func(*dictionary.Dictionary)) *dictionary.Dictionary {
		other := &dictionary.Dictionary{Dim: d.Dim, Atoms: slices.Clone(d.Atoms), Mirror: slices.Clone(d.Mirror)}
		change(other)
		return other
	}
	for name, other := range map[string]string{
		"units":  identity(e.cfg, "others", d),
		"atoms":  identity(e.cfg, e.digest, changed(func(d *dictionary.Dictionary) { d.Atoms[7] += 1e-6 })),
		"mirror": identity(e.cfg, e.digest, changed(func(d *dictionary.Dictionary) { d.Mirror[0], d.Mirror[1] = 0, 1 })),
	} {
		if other == want {
			t.Errorf("%s: the identity stays the same", name)
		}
	}
	if _, err := e.Collect(t.Context(), &units{digest: "others"}, nil); err == nil || !strings.Contains(err.Error(), "another kind") {
		t.Errorf("units of another digest were counted: error %v", err)
	}
}

// Grids of two sizes stand in an identity as they did in statistics that are on disk.
func TestIdentityOnDisk(t *testing.T) {
	c := Config{Code: sparse.General, Threshold: 0.3, Context: cooccur.Context{Kind: cooccur.Whole, Difference: 2}, Grid: cooccur.Grid{27, 9}, Packed: true, Dims: 384, Skip: 16, Ridge: 1e-6, Seed: 7, Names: Names{Unit: "patch"}, About: "{}"}
	const plane = `{"Code":"general","Threshold":0.3,"Context":{"kind":"image","difference":2},"Rows":27,"Cols":9,"Packed":false,"Dims":0,"Skip":0,"Ridge":0,"Seed":0,"Names":{"Unit":"","Units":"","Groups":""},"About":"{}"}`
	for want, grid := range map[string]cooccur.Grid{
		plane: {27, 9},
		strings.Replace(plane, `"Rows":27,"Cols":9`, `"Rows":0,"Cols":0`, 1):                                                         {},
		strings.Replace(strings.Replace(plane, `"Rows":27,"Cols":9`, `"Rows":0,"Cols":0`, 1), `"{}"}`, `"{}","Grid":[27,9,2,0]}`, 1): {27, 9, 2},
	} {
		c.Grid = grid
		if got, err := json.Marshal(c.settled()); err != nil || string(got) != want {
			t.Errorf("grid %v stands as %s, want %s", grid, got, want)
		}
	}
}
