package reproduce

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	videosource "github.com/sparse-manifold/smt/source/video"
)

// footage are the names of the films, which docs/sources/time.md says how to get.
var footage = []string{"bikes.mp4", "carphone_pristine.mp4", "vtest.avi"}

// findFootage finds the films of footage in a folder or its sub-folders, in that order. What else is there is left alone.
func findFootage(ctx context.Context, dir string) (films []videosource.Clip, err error) {
	clips, _, err := videosource.Find(ctx, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there: want a folder of films, as docs/sources/time.md says", dir)
	}
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, name := range footage {
		i := slices.IndexFunc(clips, func(c videosource.Clip) bool { return filepath.Base(c.Path) == name })
		if i < 0 {
			missing = append(missing, name)
			continue
		}
		clips[i].Name = name // wherever it is
		films = append(films, clips[i])
	}
	if missing != nil {
		return nil, fmt.Errorf("%s: %s not there: want the films that docs/sources/time.md says how to get", dir, strings.Join(missing, ", "))
	}
	return films, nil
}
