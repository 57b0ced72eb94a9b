package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
)

// oneInAHundred is --skip-bad without a number, as dataset.Set.Check has it.
const oneInAHundred = -1

// allowance is the value of --skip-bad: how many files may be left out.
type allowance struct{ most *int }

// withoutNumber stands for the number where --skip-bad has none.
const withoutNumber = "1%"

func (v allowance) Type() string { return "files" }

func (v allowance) String() string {
	switch {
	case v.most == nil || *v.most == 0:
		return ""
	case *v.most == oneInAHundred:
		return withoutNumber
	}
	return strconv.Itoa(*v.most)
}

func (v allowance) Set(s string) error {
	if s == withoutNumber {
		*v.most = oneInAHundred
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return errors.New("want a number of files, or none for one in a hundred")
	}
	*v.most = n
	return nil
}

// badSuffix follows the name of an output in that of the list of files that are left out.
const badSuffix = ".bad.json"

// badFlag adds --skip-bad.
func (s *source) badFlag(f *pflag.FlagSet) {
	f.Var(allowance{&s.skipBad}, "skip-bad", "leave out up to `N` image files of a folder that cannot be read, without N one in a hundred, rounded up (default: each is an error)")
	f.Lookup("skip-bad").NoOptDefVal = withoutNumber
}

// badList is the list of files that are left out, beside the output out, none where they are an error, or where nothing
// can be beside.
func (s *source) badList(out string) output.Output {
	if s.skipBad == 0 {
		return output.Output{}
	}
	return output.Output{Flag: "the list of --skip-bad", Path: besideOutput(out, badSuffix)}
}

// check reads all images of DATA, before any long work, and keeps them in memory if they take a quarter of it at most, else in the file of
// pixels or, where there is none, as many as that. So they are decoded once. Files
// that cannot be read are an error that has all of them, or are left out and said. listBad lists them beside the output out.
func (s *source) check(ctx context.Context, set *dataset.Set, out string) error {
	if err := s.decode(ctx, set, s.skipBad); err != nil {
		if bad, ok := errors.AsType[dataset.BadFilesError](err); ok && len(bad.Files) < bad.Of {
			return fmt.Errorf("%w: --skip-bad=%d leaves out what cannot be read", err, len(bad.Files))
		}
		return err
	}
	if len(set.Bad) > 0 {
		s.sayBad(set, s.badList(out).Path)
	}
	return nil
}

// refuseBad reports files of a set that were seen not to be readable when it was opened, but for those that are known. Where
// only a part of the images is read nothing more is known of the others.
func refuseBad(set *dataset.Set, known []string) error {
	bad := slices.DeleteFunc(slices.Clone(set.Bad), func(f dataset.BadFile) bool { return slices.Contains(known, f.File) })
	if len(bad) == 0 {
		return nil
	}
	of := len(set.Bad) + set.Train.Len()
	if set.Test != nil {
		of += set.Test.Len()
	}
	return dataset.BadFilesError{Path: set.Path, Files: bad, Of: of}
}

// badIDs are the ids of the files of a set that are left out.
func badIDs(set *dataset.Set) (ids []string) {
	for _, f := range set.Bad {
		ids = append(ids, f.File)
	}
	return ids
}

// listBad writes the list of files that are left out of a set, nil for none, once the output out is there.
func (s *source) listBad(set *dataset.Set, out string) error {
	list := s.badList(out).Path
	if list == "" || set == nil {
		return nil
	}
	return writeBad(list, set.Bad)
}

// decode decodes all images of a folder, and leaves out so many that cannot be read.
func (s *source) decode(ctx context.Context, set *dataset.Set, most int) error {
	room := memory.Available()
	if err := enoughToRead(set, room); err != nil {
		return err
	}
	// Until it is known how much the work takes.
	if err := keepBeside(ctx, room.Bytes/2, set.Train, room); err != nil {
		return err
	}
	p := s.app.newProgress()
	defer p.close()
	return set.Check(ctx, most, func(done, total int) { p.report("checking images", done, total) })
}

// badSaid is how many of the files that are left out are said.
const badSaid = 10

// sayBad says which files are left out as they cannot be read. That is no progress, which --quiet asks for none of.
func (s *source) sayBad(set *dataset.Set, list string) {
	to := visible{s.app.stderr, true}
	fmt.Fprintf(to, "%s: %s left out, which cannot be read:\n", set.Path, numberOf(len(set.Bad), "image file"))
	for _, f := range set.Bad[:min(badSaid, len(set.Bad))] {
		fmt.Fprintf(to, "  %s: %s\n", f.File, f.Cause)
	}
	if more := len(set.Bad) - badSaid; more > 0 {
		fmt.Fprintf(to, "  and %s more\n", count(more))
	}
	if list != "" {
		fmt.Fprintf(to, "  they will be listed in %s\n", list)
	}
}

// writeBad writes a list of files that cannot be read.
func writeBad(path string, files []dataset.BadFile) error {
	if files == nil {
		files = []dataset.BadFile{}
	}
	b, err := json.MarshalIndent(files, "", "  ")
	if err != nil {
		return err
	}
	return output.WriteFile(path, append(seen(b), '\n'))
}
