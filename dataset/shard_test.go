package dataset

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tarOf is a tar with these members, in this order.
func tarOf(t testing.TB, members ...tarMember) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		if m.Typeflag == 0 {
			m.Typeflag = tar.TypeReg
		}
		m.Size, m.Mode = int64(len(m.data)), 0o644
		if err := w.WriteHeader(&m.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type tarMember struct {
	tar.Header
	data []byte
}

func inTar(name string, data []byte) tarMember {
	return tarMember{tar.Header{Name: name}, data}
}

// tarFolder is a tar of all files of a folder, the last first, with these besides.
func tarFolder(t testing.TB, dir string, more ...tarMember) []byte {
	t.Helper()
	var all []tarMember
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if info.IsDir() {
			all = append(all, tarMember{tar.Header{Name: name + "/", Typeflag: tar.TypeDir}, nil})
			return nil
		}
		data, err := os.ReadFile(path)
		all = append(all, inTar("./"+name, data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(all)
	return tarOf(t, append(all, more...)...)
}

// labelsBesideAll are members with the label of each image of src.
func labelsBesideAll(src Source) (all []tarMember) {
	for i := range src.Len() {
		id := src.ID(i)
		all = append(all, inTar(strings.TrimSuffix(id, filepath.Ext(id))+labelSuffix, []byte(src.Classes()[src.Label(i)]+"\n")))
	}
	return all
}

// renamed is a source whose ids begin with a tar's name.
type renamed struct {
	Source
	before string
}

func (r renamed) ID(i int) string { return r.before + r.Source.ID(i) }

// A tar of a folder, in any order, with labels beside, is that folder; so are tars of its pieces, in a list.
func TestTarIsItsFolder(t *testing.T) {
	dir, to := listedFolder(t), t.TempDir()
	want := mustOpen(t, dir, Options{}).Train
	shard := write(t, to, "x.tar", tarFolder(t, dir, labelsBesideAll(want)...))
	set := mustOpen(t, shard, Options{})
	wantSame(t, set.Train, renamed{want, "x.tar/"})
	checkContract(t, set.Train)
	if set.Format != "tar" || set.Path != shard || set.Test != nil || len(set.Left) != 0 {
		t.Errorf("format %s, path %s, test %v, left %v", set.Format, set.Path, set.Test, set.Left)
	}
	for i := range want.Len() {
		got, err := PictureOf(t.Context(), set.Train, i)
		if err != nil {
			t.Fatal(err)
		}
		file, err := PictureOf(t.Context(), want, i)
		if err != nil {
			t.Fatal(err)
		}
		if s := file.Shape(); got.Shape() != s || !bytes.Equal(got.Pixels(s), file.Pixels(s)) {
			t.Errorf("picture of %s differs", set.Train.ID(i))
		}
	}
	t.Chdir(to)
	wantSame(t, mustOpen(t, "x.tar", Options{}).Train, renamed{want, "x.tar/"})

	// By another name, and of a long one, which takes a header more.
	long := strings.Repeat("long/", 60)
	var pieces [2][]tarMember
	labels := labelsBesideAll(want)
	for i := range want.Len() {
		data, err := os.ReadFile(filepath.Join(dir, want.ID(i)))
		if err != nil {
			t.Fatal(err)
		}
		k := min(1, i/2)
		label := labels[i]
		label.Name = long + label.Name
		pieces[k] = append(pieces[k], inTar(long+want.ID(i), data), label)
	}
	write(t, to, "s/b", tarOf(t, pieces[1]...))
	wantSame(t, mustOpen(t, "s/b", Options{Format: "tar"}).Train, func() Source {
		return renamed{sliceOf(want, 2, want.Len()), "b/" + long}
	}())
	write(t, to, "s/a.tar", tarOf(t, pieces[0]...))
	write(t, to, "s/b.tar", tarOf(t, pieces[1]...))
	write(t, to, "list.txt", []byte("s/b.tar\n"+filepath.Join(to, "s", "a.tar")+"\n"))
	listed := mustOpen(t, "list.txt", Options{}).Train
	for i := range want.Len() {
		id := "s/b.tar/" + long + want.ID(i)
		if i < 2 {
			id = "s/a.tar/" + long + want.ID(i)
		}
		if listed.ID(i) != id || listed.Label(i) != want.Label(i) || !bytes.Equal(pixels(t, listed, i), pixels(t, want, i)) {
			t.Errorf("image %d is %s of class %d: want %s of %d", i, listed.ID(i), listed.Label(i), id, want.Label(i))
		}
	}
	if listed.Len() != want.Len() {
		t.Errorf("%d images: want %d", listed.Len(), want.Len())
	}
	if files := Files("list.txt"); len(files) != 3 {
		t.Errorf("files that are read are %q: want the list and two tars", files)
	}
}

// sliceOf are images first to end, with classes of their own.
func sliceOf(src Source, first, end int) Source { return relabelled{Slice(src, first, end)} }

// relabelled has only the classes that its images have.
type relabelled struct{ Source }

func (r relabelled) Classes() (classes []string) {
	for i := range r.Source.Len() {
		classes = append(classes, r.Source.Classes()[r.Source.Label(i)])
	}
	slices.Sort(classes)
	return slices.Compact(classes)
}

func (r relabelled) Label(i int) int {
	return slices.Index(r.Classes(), r.Source.Classes()[r.Source.Label(i)])
}

// What is odd in a tar is left out, or an error that names the file and the member.
func TestOddTars(t *testing.T) {
	dir := t.TempDir()
	img := encode(t, "png", colourful(40, 40, 1))
	one, two := inTar("a.png", img), inTar("b/c.png", img)
	whole := tarOf(t, one, two)
	link := func(kind byte) tarMember {
		return tarMember{tar.Header{Name: "d.png", Linkname: "a.png", Typeflag: kind}, nil}
	}
	for name, c := range map[string]struct {
		data []byte
		says []string
	}{
		"nothing":        {nil, []string{"is empty: want a tar"}},
		"text":           {bytes.Repeat([]byte("text"), 1000), []string{"at its start: no header of a tar: want a whole tar"}},
		"compressed":     {packed(whole), []string{"is compressed (gzip): want a plain tar"}},
		"no images":      {tarOf(t, inTar("notes.txt", []byte("text"))), []string{"no image files; 1 file left out: 1 of other formats (x.tar/notes.txt)"}},
		"cut header":     {whole[:300], []string{"at its start: is cut: want a whole tar"}},
		"cut member":     {whole[:600], []string{"member a.png: has ", " bytes, of which 88 are there: want a whole tar"}},
		"cut after one":  {whole[:len(tarOf(t, one))-1024], []string{"after member a.png: is cut: want the zeros"}},
		"two in one":     {append(bytes.Clone(whole), whole...), []string{"after member b/c.png: has something else behind the end"}},
		"twice":          {tarOf(t, one, two, inTar("./b//c.png", img)), []string{"member ./b//c.png: is there twice"}},
		"leads out":      {tarOf(t, one, inTar("../c.png", img)), []string{"member ../c.png: leads out of the tar"}},
		"splits":         {tarOf(t, inTar("x/train/a.png", img), inTar("x/test/a.png", img)), []string{"holds training images (train) and images held out (test)"}},
		"a label less":   {tarOf(t, one, two, inTar("b/c.cls", []byte("3"))), []string{"x.tar/a.png: has no label, and x.tar/b/c.png has one"}},
		"an empty label": {tarOf(t, one, inTar("a.cls", []byte(" \n"))), []string{"x.tar/a.cls: want a label, on one line"}},
		"a long label":   {tarOf(t, one, inTar("a.cls", make([]byte, 2000))), []string{"x.tar/a.cls: has 2000 bytes: want a label"}},
		"no image":       {tarOf(t, one, inTar("b.png", []byte("text"))), []string{filepath.Join(dir, "x.tar", "b.png") + ": image header"}},
		"broken header": {func() []byte {
			b := bytes.Clone(whole)
			b[len(tarOf(t, one))-1024] ^= 1
			return b
		}(), []string{"after member a.png: no header of a tar"}},
	} {
		path := write(t, dir, "x.tar", c.data)
		_, err := Open(path, Options{})
		t.Run(name, func(t *testing.T) { wantError(t, err, append(c.says, path)...) })
	}
	path := write(t, dir, "x.tar", tarOf(t, one, two, link(tar.TypeSymlink), inTar(".hidden.png", img), inTar("b/._c.png", img),
		inTar("b/c.json", []byte("{}")), inTar("nested.tar", whole), tarMember{tar.Header{Name: "fifo", Typeflag: tar.TypeFifo}, nil},
		inTar("photo", []byte("\x00\x00\x00\x18ftypheic")), inTar("/abs.png", img)))
	set := mustOpen(t, path, Options{})
	var ids []string
	for i := range set.Train.Len() {
		ids = append(ids, set.Train.ID(i))
	}
	if want := []string{"x.tar/a.png", "x.tar/abs.png", "x.tar/b/c.png"}; !slices.Equal(ids, want) || set.Train.Classes() != nil {
		t.Errorf("images %q of classes %q: want %q and none", ids, set.Train.Classes(), want)
	}
	if got, want := fmt.Sprint(set.Left), "[1 HEIC (x.tar/photo) 2 hidden (x.tar/.hidden.png, x.tar/b/._c.png) 1 links in a tar (x.tar/d.png) "+
		"1 not regular (x.tar/fifo) 2 of other formats (x.tar/b/c.json, x.tar/nested.tar)]"; got != want {
		t.Errorf("left out are %s: want %s", got, want)
	}
	for text, says := range map[string]string{
		"x.tar\na.png":         "lines 1 and 2: a tar and another file are in one list",
		"x.tar\tlabel":         "line 1: has a label: want none of a tar",
		"x.tar\ngone.tar":      filepath.Join(dir, "gone.tar") + ": no such file",
		"x.tar\n" + dir + "/":  "a tar and another file",
		"x.tar\n./x.tar\n":     "line 2: names x.tar, as line 1 does",
		"x.tar\nfolder/.tar\n": "no such file",
	} {
		_, err := Open(write(t, dir, "list.txt", []byte(text)), Options{})
		wantError(t, err, says)
	}
	_, err := Open(dir, Options{Format: "tar"})
	wantError(t, err, dir, "want a tar of image files, found a folder")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = OpenContext(ctx, path, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v: want that it is cancelled", err)
	}
}

// Of a tar with bad images those that can be read are left, by Check, and a file of pixels has them.
func TestTarOfBadFiles(t *testing.T) {
	img := encode(t, "png", colourful(40, 40, 1))
	sparse := tarMember{tar.Header{Name: "sparse.png"}, img}
	data := tarOf(t, inTar("cut.png", img[:len(img)/2]), inTar("text.png", []byte("text")), inTar("a.png", img), inTar("b.png", img), sparse)
	// Package tar writes no sparse files: 'S' is their kind in GNU's form, whose magic has two blanks.
	at := bytes.Index(data, []byte("sparse.png"))
	h := data[at : at+tarBlock]
	h[156] = 'S'
	copy(h[257:265], "ustar  \x00")
	clear(h[386:tarBlock])
	copy(h[483:495], h[124:136]) // the size of the whole file
	copy(h[386:398], "00000000000\x00")
	copy(h[398:410], h[124:136])
	copy(h[148:156], "        ")
	sum := 0
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:156], fmt.Sprintf("%06o\x00 ", sum))
	path := write(t, t.TempDir(), "x.tar", data)
	settle(t)
	kept := Pixels{File: filepath.Join(t.TempDir(), "kept")}
	set := mustOpen(t, path, Options{BadLater: true, Pixels: kept})
	keep(t, set.Train, 0)
	if err := set.Check(t.Context(), 3, nil); err != nil {
		t.Fatal(err)
	}
	var bad []string
	for _, b := range set.Bad {
		bad = append(bad, b.File)
		if b.File == "x.tar/sparse.png" && !strings.Contains(b.Cause, "is stored as a sparse file") {
			t.Error(b)
		}
	}
	if want := []string{"x.tar/cut.png", "x.tar/sparse.png", "x.tar/text.png"}; !slices.Equal(bad, want) || set.Train.Len() != 2 {
		t.Errorf("bad are %q, and %d are not: want %q and 2", bad, set.Train.Len(), want)
	}
	again := mustOpen(t, path, Options{BadLater: true, Pixels: kept})
	if err := again.Check(t.Context(), 3, nil); err != nil {
		t.Fatal(err)
	}
	decoded := 0
	Watch(again.Train, func(string, *Picture) { decoded++ })
	wantSame(t, again.Train, set.Train)
	if decoded != 0 {
		t.Errorf("%d pictures are decoded again", decoded)
	}
}

// The slow reading of a tar: all of its bytes in turn, by package tar.
func FuzzTar(f *testing.F) {
	one, two := inTar("a.png", []byte("aaa")), inTar(strings.Repeat("b/", 80)+"c.png", bytes.Repeat([]byte("c"), 600))
	whole := tarOf(f, one, two, tarMember{tar.Header{Name: "d", Linkname: "a.png", Typeflag: tar.TypeSymlink}, nil})
	f.Add(whole)
	f.Add(whole[:len(whole)-1024])
	f.Add(tarOf(f, two, one))
	f.Add(append(bytes.Clone(whole), whole...))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := readShard(t.Context(), bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		slow := tar.NewReader(io.MultiReader(bytes.NewReader(data))) // which cannot seek
		for _, m := range got {
			h, err := slow.Next()
			for err == nil && (h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader) {
				h, err = slow.Next()
			}
			if err != nil {
				t.Fatalf("%s: %v", m.name, err)
			}
			if m.odd != "" || m.bad != "" {
				continue
			}
			want, err := io.ReadAll(slow)
			if err != nil || m.size != int64(len(want)) || m.at < 0 || m.at+m.size > int64(len(data)) || !bytes.Equal(data[m.at:m.at+m.size], want) {
				t.Fatalf("%q is at %d, %d bytes: want what is read in turn, %d, %v", m.name, m.at, m.size, len(want), err)
			}
		}
		for {
			h, err := slow.Next()
			if err == io.EOF {
				break
			}
			if err != nil || h.Typeflag != tar.TypeDir && h.Typeflag != tar.TypeXGlobalHeader {
				t.Fatalf("%v, %v is missing", h, err)
			}
		}
	})
}
