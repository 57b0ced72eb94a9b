package dataset

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/sparse-manifold/smt/internal/regular"
)

// isIDX reports a directory with files of IDX names, or a file that begins as one.
func isIDX(path string, info fs.FileInfo) bool {
	if info.IsDir() {
		for _, split := range []string{"train", "t10k"} {
			if findIDX(path, split, "images") != "" {
				return true
			}
		}
		return false
	}
	f, _, err := regular.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head)
	head = head[:n]
	if isGzip(head) {
		z, err := gzip.NewReader(bytes.NewReader(head))
		if err != nil {
			return false
		}
		// The head may end inside the stream; what came before the error counts.
		plain := make([]byte, 4)
		n, _ := io.ReadFull(z, plain)
		head = plain[:n]
	}
	// Any element type of the format, so that the parser can say which one it is.
	return len(head) >= 4 && head[0] == 0 && head[1] == 0 && head[2] >= 0x08 && head[2] <= 0x0e &&
		head[3] >= 1 && head[3] <= 4
}

func openIDX(_ context.Context, path string, info fs.FileInfo, _ Options) (*Set, error) {
	set := &Set{Format: "idx", Path: path}
	if !info.IsDir() {
		p, done, err := openPair(path, labelsBeside(path))
		if err != nil {
			return nil, err
		}
		defer done()
		src, err := p.read()
		if err != nil {
			return nil, err
		}
		set.Train = src
		return set, nil
	}
	// The headers of all files come before the values of any.
	first, done, err := openIDXSplit(path, "train")
	if err != nil {
		return nil, err
	}
	defer done()
	var second *pair
	if findIDX(path, "t10k", "images") != "" || findIDX(path, "t10k", "labels") != "" {
		var done func()
		if second, done, err = openIDXSplit(path, "t10k"); err != nil {
			return nil, err
		}
		defer done()
	}
	train, err := first.read()
	if err != nil {
		return nil, err
	}
	set.Train = train
	if second == nil {
		return set, nil
	}
	test, err := second.read()
	if err != nil {
		return nil, err
	}
	// A split need not hold the largest label; the classes are those of both.
	train.classes = numbered(max(len(train.classes), len(test.classes)))
	test.classes = train.classes
	*train.set += *test.set
	test.set = train.set
	set.Test = test
	return set, nil
}

// openIDXSplit opens the images and labels of "train" or "t10k" in dir.
func openIDXSplit(dir, split string) (p *pair, done func(), err error) {
	var path [2]string
	for i, kind := range []string{"images-idx3", "labels-idx1"} {
		path[i] = findIDX(dir, split, kind[:6])
		if path[i] == "" {
			return nil, nil, fmt.Errorf("dataset: %s: missing %s-%s-ubyte[.gz]", dir, split, kind)
		}
	}
	return openPair(path[0], path[1])
}

// openPair opens a file of images and, unless it is "", one of labels. done closes them.
func openPair(images, labels string) (p *pair, done func(), err error) {
	var files []io.Closer
	closeAll := func() {
		for _, f := range files {
			f.Close()
		}
	}
	defer func() {
		if err != nil {
			closeAll()
		}
	}()
	var blobs [2]*blob
	for i, path := range []string{images, labels} {
		if path == "" {
			continue
		}
		f, info, err := regular.Open(path)
		if err != nil {
			return nil, nil, fileError(path, err)
		}
		files = append(files, f)
		blobs[i] = &blob{name: path, r: f, size: info.Size()}
	}
	p, err = newPair(blobs[0], blobs[1])
	return p, closeAll, err
}

// findIDX is the path of the "images" or "labels" of a split in dir, or "".
func findIDX(dir, split, kind string) string {
	ranks := []string{"idx3", "idx4"}
	if kind == "labels" {
		ranks = []string{"idx1"}
	}
	for _, rank := range ranks {
		for _, sep := range []string{"-", "."} {
			if path := fileOrGzip(filepath.Join(dir, split+"-"+kind+sep+rank+"-ubyte")); path != "" {
				return path
			}
		}
	}
	return ""
}

// labelsBeside is the path of the labels of an images file, or "".
func labelsBeside(images string) string {
	dir, base := filepath.Split(strings.TrimSuffix(images, ".gz"))
	labels := strings.NewReplacer("images", "labels", "idx3", "idx1", "idx4", "idx1").Replace(base)
	if labels == base {
		return ""
	}
	return fileOrGzip(dir + labels)
}

func fileOrGzip(path string) string {
	for _, p := range []string{path, path + ".gz"} {
		if fileAt(p) {
			return p
		}
	}
	return ""
}
