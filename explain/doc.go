// Package explain looks inside a model: what each stage of the method made of
// the images, as plain numbers. Its functions read a Model and images and return
// structs; drawing is package draw's, the written report package report's.
//
// In comments D is the number of atoms, d that of coordinates and dim that of
// values of a patch, Size × Size × Channels, rows first and channels innermost.
package explain
