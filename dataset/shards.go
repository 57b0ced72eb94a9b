package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/regular"
)

const (
	// leftTarLink is why links in a tar are left out: the member that they lead to is read by its own name.
	leftTarLink = "links in a tar"
	// labelSuffix is how the name of a file ends that has the label of the image beside it.
	labelSuffix = ".cls"
	// longestLabel is the bytes that a label may have.
	longestLabel = 1 << 10
)

func isShard(path string, info fs.FileInfo) bool { return info.Mode().IsRegular() && isShardName(path) }

// openShard opens the images in a tar.
func openShard(ctx context.Context, path string, info fs.FileInfo, opt Options) (*Set, error) {
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("dataset: %s: want a tar of image files, found %s", path, regular.Kind(info.Mode()))
	}
	root := filepath.Dir(path)
	shard := listed{path: filepath.Base(path)}.within(root)
	return openSurveyed(ctx, root, opt, func(s *survey) (*Set, error) {
		return s.openShards(&Set{Format: "tar", Path: path}, []string{shard}, opt)
	})
}

// shardsOf are the tars that a list names, nil if it names image files.
func shardsOf(files []listed) (shards []string, err error) {
	for _, l := range files {
		switch is := isShardName(l.path); {
		case is != isShardName(files[0].path):
			return nil, fmt.Errorf("lines %d and %d: a tar and another file are in one list: want tars alone, or image files alone", min(l.line, files[0].line), max(l.line, files[0].line))
		case is && l.label != "":
			return nil, fmt.Errorf("line %d: has a label: want none of a tar, whose labels are in it, in a %s file beside each image", l.line, labelSuffix)
		case is:
			shards = append(shards, l.path)
		}
	}
	return shards, nil
}

// openShards reads the headers of the images in tars, in the order of their ids, and makes set of them.
func (s *survey) openShards(set *Set, shards []string, opt Options) (*Set, error) {
	labels := members{}
	s.members = members{}
	var images []imageFile
	for _, shard := range shards {
		found, err := s.shard(shard, labels)
		if err != nil {
			return nil, err
		}
		images = append(images, found...)
	}
	if len(images) == 0 {
		return nil, fileError(set.Path, noImagesError{LeftFiles(s.All())})
	}
	slices.SortFunc(images, func(a, b imageFile) int { return cmp.Compare(s.name(a.path), s.name(b.path)) })
	f := &folder{root: s.root, members: s.members}
	for _, img := range images {
		f.files = append(f.files, img.path)
	}
	var err error
	if f.classes, f.labels, err = s.shardLabels(f.files, labels); err != nil {
		return nil, err
	}
	set.Train = f
	return set, s.finish(set, opt, []*folder{f}, [][]imageFile{images})
}

// shard reads the headers of the images in a tar, and puts the files with labels into labels.
func (s *survey) shard(shard string, labels members) ([]imageFile, error) {
	f, info, err := regular.Open(shard)
	if err != nil {
		return nil, fileError(shard, err)
	}
	defer f.Close()
	all, err := readShard(s.ctx, f, info.Size())
	if err != nil {
		return nil, fileError(shard, err)
	}
	if err := oneSplit(all); err != nil {
		return nil, fileError(shard, err)
	}
	var names []string
	for _, m := range all {
		at := filepath.Join(shard, filepath.FromSlash(m.name))
		in := member{shard, m.at, m.size, m.bad}
		switch {
		case m.odd != "":
			s.Add(m.odd, at)
		case strings.HasPrefix(m.name, ".") || strings.Contains(m.name, "/."):
			s.Add(leftHidden, at)
		case strings.HasSuffix(m.name, labelSuffix):
			labels[at] = in
		default:
			s.members[at] = in
			names = append(names, m.name)
		}
	}
	return s.images(shard, names)
}

// oneSplit refuses a tar that has training images and images held out, in folders of such names.
func oneSplit(all []tarred) error {
	below := map[string][]string{} // the folders in a folder
	seen := map[string]bool{}
	for _, m := range all {
		for dir := path.Dir(m.name); dir != "." && !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
			below[path.Dir(dir)] = append(below[path.Dir(dir)], path.Base(dir))
		}
	}
	for _, folders := range below {
		if names := splitsAmong(folders); len(names.train) > 0 && len(names.held) > 0 {
			return fmt.Errorf("holds training images (%s) and images held out (%s): want one split in a tar, or the folder that it is of",
				someOf(names.train), someOf(names.held))
		}
	}
	return nil
}

// shardLabels are the classes of images, and the class of each, by the files of labels beside them: none, or one for each image.
func (s *survey) shardLabels(files []string, labels members) (classes []string, of []int, err error) {
	named := make([]listed, len(files))
	with, without := -1, -1
	for i, file := range files {
		if err := s.ctx.Err(); err != nil {
			return nil, nil, err
		}
		at, has := labelBeside(file, labels)
		if !has {
			without = i
			continue
		}
		with = i
		if named[i].label, err = labels.label(at); err != nil {
			return nil, nil, fileError(at, err)
		}
	}
	switch {
	case with < 0:
		return nil, nil, nil
	case without >= 0:
		return nil, nil, fileError(files[without], fmt.Errorf("has no label, and %s has one: want a %s file beside each image, or none",
			quoted(s.name(files[with])), labelSuffix))
	}
	classes = classesOf(named)
	for _, l := range named {
		class, _ := slices.BinarySearch(classes, l.label)
		of = append(of, class)
	}
	return classes, of, nil
}

// labelBeside is the file with the label of an image: of its name without the ending or, as in a WebDataset, up to its first dot.
func labelBeside(file string, labels members) (at string, has bool) {
	dir, name := filepath.Split(file)
	first, _, _ := strings.Cut(name, ".")
	for _, stem := range []string{strings.TrimSuffix(name, filepath.Ext(name)), first} {
		at = dir + stem + labelSuffix
		if _, has = labels[at]; has {
			return at, true
		}
	}
	return "", false
}

// label reads a file with a label.
func (m members) label(path string) (string, error) {
	if size := m[path].size; size > longestLabel {
		return "", fmt.Errorf("has %s: want a label of at most %d", plural.Of(size, "byte"), longestLabel)
	}
	f, err := m.open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return "", err
	}
	label := strings.TrimSpace(string(text))
	if label == "" || strings.ContainsAny(label, "\r\n\t\x00") {
		return "", errors.New("want a label, on one line")
	}
	return label, nil
}
