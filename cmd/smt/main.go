package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/sparse-manifold/smt/internal/memory"
)

func main() {
	memory.Tune()
	os.Exit(processApp().main(interruptible(), os.Args[1:]))
}

// processApp is the app of this process.
func processApp() *app {
	a := newApp(os.Stdout, os.Stderr)
	switch {
	case !unheard(os.Stdout):
	case !unheard(os.Stderr):
		a.stdout, a.unheard = os.Stderr, true // what was found out is not lost
	case !openedOnce(os.Stdout, os.Stderr):
		a.stdout, a.unheard = closed{}, true
	}
	return a
}

// patience is how long a user waits who has asked for an end and sees nothing.
const patience = time.Second

// interruptible is a context that ends when the user wants the program to. Whoever
// started it may have said that one of the signals means nothing, as nohup does.
func interruptible() context.Context {
	// A reader of standard output or standard error that is gone is an error to whoever
	// writes there, and no reason to lose the work.
	signal.Ignore(syscall.SIGPIPE)
	stops := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	if len(stops) == 0 {
		return context.Background() // NotifyContext would take none for all
	}
	ctx, stop := signal.NotifyContext(context.Background(), stops...)
	context.AfterFunc(ctx, func() {
		// A connection that drops is told of twice, by the shell and by the terminal.
		signal.Ignore(syscall.SIGHUP)
		stop() // a second Ctrl-C finds the default, and kills
		time.AfterFunc(patience, func() {
			fmt.Fprintln(os.Stderr, "smt: interrupted: what is done is being kept; another interrupt ends the program at once, with what was kept before")
		})
	})
	return ctx
}
