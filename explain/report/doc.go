// Package report writes what package explain found in a model as a web page: one
// HTML file that needs nothing else, not even a network, and a folder with its
// pictures as PNG and SVG files.
//
// A report depends on the model, the images and the options alone: the same ones
// give the same bytes. It is written beside its folder and takes its place at the end; a folder that
// holds anything but a report is refused.
//
// Reports, as servers, hold all patches of an image and their embeddings: of 12 megapixels they are
// refused, by an estimate of memory before any work (memory.go).
package report
