package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/estimate"
	"github.com/sparse-manifold/smt/explain/report"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/server"
)

// enough says what would fit if fitting takes more memory than there is room for: fewer
// atoms, or smaller images. How dense codes are is looked up in some images, unless there is room for codes
// of all atoms.
func enough(ctx context.Context, cfg smt.Config, src dataset.Source, room memory.Room) error {
	images, resident := estimate.Of(src), residing(src)
	images.Share = 1
	if room.Bytes == 0 || estimate.Fit(cfg, images)+resident <= room.Bytes {
		return nil
	}
	images, err := estimate.Sampled(ctx, cfg, src)
	if err != nil {
		return err
	}
	s, need := images.Shape, estimate.Fit(cfg, images)+resident
	if need <= room.Bytes {
		return nil
	}
	text := fmt.Sprintf("fitting %s to images of %d × %d takes about %s of memory, and %s allows %s",
		numberOf(cfg.Atoms, "atom"), s.Height, s.Width, size(need), room.By, size(room.Bytes))
	if atoms := mostAtoms(cfg, images, room.Bytes-resident); atoms > 0 {
		return fmt.Errorf("%s: --atoms %d would fit", text, atoms)
	}
	// What is read from files can be made smaller.
	if side := mostSide(cfg, src, images, room.Bytes-resident); images.Reading > 0 && side > 0 {
		return fmt.Errorf("%s: --size %dx%d would fit", text, side, side)
	}
	return fmt.Errorf("%s, which is too little for any number of atoms", text)
}

// enoughToCount says so if a fit takes more memory than there is room for, now that its atoms
// are known: how many of them are active in a patch was guessed before.
func enoughToCount(cfg smt.Config, src dataset.Source, perPatch float64, room memory.Room) error {
	need := needToCount(cfg, src, perPatch)
	work := fmt.Sprintf("with %.0f of %s active in a patch, fitting", perPatch, numberOf(cfg.Atoms, "atom"))
	if err := enoughFor(work, src.Shape(), need, room); err != nil {
		return fmt.Errorf("%w: want fewer atoms, less alike, or a larger --threshold", err)
	}
	return nil
}

// needToCount is the memory that a fit takes from there on.
func needToCount(cfg smt.Config, src dataset.Source, perPatch float64) int64 {
	return estimate.Counting(cfg, estimate.Of(src), perPatch) + residing(src)
}

// residing is what the images that sources hold in memory add to any work on them.
func residing(srcs ...dataset.Source) int64 { return memory.Held(float64(dataset.Resident(srcs...))) }

// mostAtoms is the largest number of atoms that fits, of whole hundreds or so: 0 if
// none does that leaves room for the coordinates.
func mostAtoms(cfg smt.Config, images estimate.Images, room int64) int {
	const whole = 256
	least := cfg.Dims + cfg.Skip
	for cfg.Atoms = (cfg.Atoms - 1) / whole * whole; cfg.Atoms >= max(least, whole); cfg.Atoms -= whole {
		if estimate.Fit(cfg, images) <= room {
			return cfg.Atoms
		}
	}
	return 0
}

// mostSide is the largest side, of whole dozens or so, of square images that fit: 0 if
// none does that has as many patches as are pooled.
func mostSide(cfg smt.Config, src dataset.Source, images estimate.Images, room int64) int {
	const whole = 16
	s := &images.Shape
	for side := (min(s.Height, s.Width) - 1) / whole * whole; side >= cfg.Patch+cfg.Pool; side -= whole {
		s.Height, s.Width = side, side
		images.Reading = dataset.ReadingAs(src, *s)
		if estimate.Fit(cfg, images) <= room {
			return side
		}
	}
	return 0
}

// enoughFor says so if work on images of a shape takes more memory than there is room for.
func enoughFor(work string, s dataset.Shape, need int64, room memory.Room) error {
	return room.Enough(fmt.Sprintf("%s images of %d × %d", work, s.Height, s.Width), need)
}

// enoughToRead says so if reading the images of a set, one a worker, takes more memory than there
// is room for.
func enoughToRead(set *dataset.Set, room memory.Room) error {
	s := set.Train.Shape()
	workers := int64(parallel.Workers(set.Train.Len()))
	need := memory.Estimate(float64(workers*(readingOf(set)+int64(s.Len())))) + residing(set.Train, set.Test)
	return enoughFor("reading", s, need, room)
}

// needToEmbed is the memory that embedding the images of splits takes, shortened to so many components of those
// of a bank if that is not 0.
func needToEmbed(models *smt.Ensemble, splits []dataset.Source, bank dataset.Source, components int) int64 {
	images := estimate.Images{Shape: splits[0].Shape(), Reading: dataset.Reading(bank)}
	for _, src := range splits {
		images.Len, images.Reading = max(images.Len, src.Len()), max(images.Reading, dataset.Reading(src))
	}
	need := estimate.Embed(images, estimate.Components{N: components, Bank: bank.Len()}, models.Members()...)
	return need + residing(append(slices.Clone(splits), bank)...)
}

// needToEvaluate is the memory that classifying the images of test by those of bank takes.
func needToEvaluate(models *smt.Ensemble, bank, test dataset.Source, p judge.Protocol) int64 {
	images := estimate.Of(bank)
	images.Reading = max(images.Reading, dataset.Reading(test))
	return estimate.Evaluate(images, test.Len(), p, models.Members()...) + residing(bank, test)
}

// enoughToExplain says so if a report on images of a set takes more memory than there is
// room for, and has images kept if not.
func enoughToExplain(ctx context.Context, m *smt.Model, set *dataset.Set, n report.Sizes, room memory.Room) error {
	s := set.Train.Shape()
	if err := m.Check(s); err != nil {
		return err
	}
	need := report.Memory(m, s, n.Within(set), readingOf(set)) + residing(set.Train, set.Test)
	if err := keepBeside(ctx, need, set.Train, room); err != nil {
		return err
	}
	return enoughFor("explaining", s, need, room)
}

// enoughToServe says so if a server of images of a set takes more memory than there is
// room for, and has images kept if not.
func enoughToServe(ctx context.Context, m *smt.Model, set *dataset.Set, n report.Sizes, room memory.Room) error {
	s := set.Train.Shape()
	if err := m.Check(s); err != nil {
		return err
	}
	need := server.Memory(m, s, n.Within(set).Bank, readingOf(set)) + residing(set.Train, set.Test)
	if err := keepBeside(ctx, need, set.Train, room); err != nil {
		return err
	}
	return enoughFor("serving", s, need, room)
}

// keptAnyway is the bytes of images that are kept where the system does not tell how much memory there is.
const keptAnyway = 1 << 30

// keptAtMost is the bytes of images that are kept in memory wherever there is more. Tests lower it.
var keptAtMost int64 = math.MaxInt64

// keepBeside has images of files kept once they are decoded, beside work that takes so much memory: as many as take
// half of what it leaves. The other half is for the garbage that comes with them, and for estimates that are too low.
func keepBeside(ctx context.Context, need int64, images dataset.Source, room memory.Room) error {
	most := int64(keptAnyway)
	if room.Bytes > 0 {
		most = max(0, room.Bytes-need) / 2
	}
	return dataset.Keep(ctx, images, min(most, keptAtMost))
}

// readingOf is what it takes to read any image of a set.
func readingOf(set *dataset.Set) int64 {
	most := dataset.Reading(set.Train)
	if set.Test != nil {
		most = max(most, dataset.Reading(set.Test))
	}
	return most
}
