// Package export writes what a model computes in the formats other tools read. A .npy file
// has no room for the ids of its rows: smt embed --ids writes them to a file beside it.
package export
