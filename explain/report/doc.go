// Package report writes what package explain found in a model as a web page: one
// HTML file that needs nothing else, not even a network, and a folder with its
// pictures as PNG and SVG files.
//
// A report depends on the model, the images and the options alone: the same ones
// give the same bytes.
package report
