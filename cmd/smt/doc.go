// Command smt fits, applies and judges the Sparse Manifold Transform. Its
// commands only wire flags to the packages; `smt --help` lists them.
//
// # Kept work
//
// A fit keeps its statistics (package smt). smt embed has its rows in OUT.partial, and beside it a
// note of how many are done (keep.go): by what models, whitening and kernels, with a CRC-32C of the
// rows, and a SHA-256 of their images, taken as they were read to be embedded. It goes on only if all
// of that is true still, from the end of a block of 192 images, so that products are taken in the
// same blocks as without an end.
//
// # Signals and readers
//
// SIGHUP stops the work as Ctrl-C does, unless it was set aside (nohup). Readers that are gone stop
// nothing but what they read. Where standard output was closed, Go's runtime has opened the null
// device, which cannot be told from one that Python or Node.js opened: the result is then written to
// standard error. Where that was closed too, the result is lost, and the exit code says so.
package main
