package reproduce

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sparse-manifold/smt/dataset"
)

// data is a data set of the table.
type data struct {
	name   string // of smt data get
	folder string // in the folder of data sets
	format string
}

var (
	mnist    = &data{"mnist", "mnist", "idx"}
	cifar10  = &data{"cifar10", "cifar-10-batches-bin", "cifar10"}
	cifar100 = &data{"cifar100", "cifar-100-binary", "cifar100"}
)

// images are a data set as a row uses it.
type images struct {
	set         *dataset.Set
	train, test split
}

// split is a part of a data set and the fingerprint of its images.
type split struct {
	dataset.Source
	fingerprint string
}

// open opens the data set in dir.
func (d *data) open(ctx context.Context, dir string, quick bool) (*images, error) {
	path := filepath.Join(dir, d.folder)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reproduce: %s is missing: get it with smt data get %s --dir %s", path, d.name, dir)
	}
	set, err := dataset.Open(path, dataset.Options{Format: d.format})
	if err != nil {
		return nil, err
	}
	if set.Test == nil {
		return nil, errors.Join(fmt.Errorf("reproduce: %s has no test images: get it anew with smt data get %s --dir %s", path, d.name, dir), set.Close())
	}
	im := &images{set, split{Source: set.Train}, split{Source: set.Test}}
	if quick {
		im.train.Source, im.test.Source = some(set.Train, quickTrain), some(set.Test, quickTest)
	}
	for _, s := range []*split{&im.train, &im.test} {
		if s.fingerprint, err = dataset.Fingerprint(ctx, s.Source, nil); err != nil {
			return nil, errors.Join(err, set.Close())
		}
	}
	return im, nil
}

// some are n images of a source, or all if there are fewer.
func some(src dataset.Source, n int) dataset.Source {
	_, held := dataset.Holdout(src, min(n, src.Len()), 1)
	return held
}
