// Command smt fits, applies and judges the Sparse Manifold Transform. Its
// commands only wire flags to the packages; `smt --help` lists them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C finds the default, and kills
	os.Exit(newApp(os.Stdout, os.Stderr).main(ctx, os.Args[1:]))
}
