// Command smt fits, applies and judges the Sparse Manifold Transform. Its
// commands only wire flags to the packages; `smt --help` lists them.
//
// # Kept work
//
// A fit keeps its statistics (package smt), or the neighbours of points. smt embed has its rows in
// OUT.partial, and beside it a note of how many are done (note.go): by what models, components and
// kernels, with a CRC-32C of the rows, and a SHA-256 of their images, points or frames. It goes on only
// if all of that is true still (resume.go), of images from the end of a block of 192, so that products are
// taken in the same blocks as without an end. Frames are read again for that, and not embedded. How many
// there are shows at the end: the header is then written once more.
//
// # Signals and readers
//
// SIGHUP stops the work as Ctrl-C does, unless it was set aside (nohup). Readers that are gone stop
// nothing but what they read. Where standard output was closed, Go's runtime has opened the null
// device, which cannot be told from one that Python or Node.js opened: the result is then written to
// standard error. Where that was closed too, the result is lost, and the exit code says so.
package main
