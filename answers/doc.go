// Package answers tells what the items of an index say: which are near an image, which are there twice, which are odd,
// what kinds there are, and which class each is of, from labels of some. In go an index and, but for a search, the neighbour
// graph of its items; out come answers whose JSON is that of smt search, duplicates, outliers, groups and classify, and of the HTTP API. Items are named by their ids.
package answers
