package smt

// Option changes how long work is done, not what comes out.
type Option func(*options)

type options struct {
	progress   func(stage string, done, total int)
	checkpoint string
}

// Progress has f told how far a stage has come. It is called from one
// goroutine at a time.
func Progress(f func(stage string, done, total int)) Option {
	return func(o *options) { o.progress = f }
}

// Checkpoint names a file that Fit writes its statistics to when it is
// cancelled while collecting them, and goes on from when it finds it there.
// Once the model is made the file is removed.
func Checkpoint(path string) Option {
	return func(o *options) { o.checkpoint = path }
}

func apply(list []Option) options {
	var o options
	for _, f := range list {
		f(&o)
	}
	return o
}

func (o options) report(stage string, done, total int) {
	if o.progress != nil {
		o.progress(stage, done, total)
	}
}

// renamed reports every stage under another name.
func (o options) renamed(stage string) options {
	if f := o.progress; f != nil {
		o.progress = func(_ string, done, total int) { f(stage, done, total) }
	}
	return o
}
