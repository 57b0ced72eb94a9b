package smt

import "slices"

// Option changes how long work is done, not what comes out.
type Option struct{ set func(*options) }

type options struct {
	progress   func(stage string, done, total int)
	warning    func(error)
	checkpoint string
	active     func(perPatch float64) error
	encoder    *Encoder
	leftOut    []string
}

// Progress has f told how far a stage has come. It is called from one
// goroutine at a time.
func Progress(f func(stage string, done, total int)) Option {
	return Option{func(o *options) { o.progress = f }}
}

// Warn has f told what goes wrong and does not stop the work: a checkpoint that
// cannot be written.
func Warn(f func(error)) Option {
	return Option{func(o *options) { o.warning = f }}
}

// Checkpoint names a file that Fit writes its statistics to every few minutes while it
// collects them, before it solves, and when it is cancelled, and goes on from when it
// finds it there. Where the file is of other images or another configuration Fit refuses
// it; only what is done with the statistics, as Dims or Pool, may differ. Writing takes
// room for two such files.
//
// Of more than 16,384 atoms (Config.Packed) statistics take gigabytes. The codes of images are then kept beside the
// file, in one whose name ends in manifold.Codes, as soon as they are made, and the file is written when those are half as
// large as it. They are counted again where a fit goes on.
//
// The files stay when Fit returns: manifold.RemoveCheckpoint removes them, once the model is saved.
func Checkpoint(path string) Option {
	return Option{func(o *options) { o.checkpoint = path }}
}

// Active has Fit tell f, once atoms are chosen and before any statistics are counted, how many
// atoms are active in a patch: the mean of some patches of some images. Memory depends on it,
// and estimates made before have it of a few crops, or guess it. An error of f ends the fit.
func Active(f func(perPatch float64) error) Option {
	return Option{func(o *options) { o.active = f }}
}

// Encoded has Fit go on from an encoder, which NewEncoder made of the same images and of a configuration that differs
// in nothing but what is done with statistics, as Dims or Pool: atoms are not chosen again. Fit refuses another one. nil is none.
func Encoded(e *Encoder) Option {
	return Option{func(o *options) { o.encoder = e }}
}

// LeftOut tells NewPlan the ids of files that are none of its images, as they cannot be read: Plan.Of leaves them out
// wherever a part is counted.
func LeftOut(ids []string) Option {
	return Option{func(o *options) { o.leftOut = slices.Clone(ids) }}
}

func apply(list []Option) options {
	var o options
	for _, option := range list {
		option.set(&o)
	}
	return o
}

func (o options) report(stage string, done, total int) {
	if o.progress != nil {
		o.progress(stage, done, total)
	}
}

// reading is told how many images are read.
func (o options) reading(done, total int) { o.report("reading images", done, total) }
