// Package output is the one way to open what the program writes; its test reads the tree for
// others.
//
// A file is whole at its path or not there. It is written beside it, under the name of the path
// and ".smt-new", synced, and takes its place at the end. The name is a fixed one and is locked
// while it is written, so that the next run that writes the same file takes away what a killed
// process left. A link is followed and stays; what it leads to is replaced. What is no regular
// file, as a device or a FIFO, is written through and never replaced.
//
// Every command calls Check before any work, with all its outputs and inputs.
package output
