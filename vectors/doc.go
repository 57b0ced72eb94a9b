// Package vectors learns a few smooth coordinates of points that lie on or near a manifold, rows of numbers
// of any source: the Sparse Manifold Transform of neighbourhoods in signal space (arXiv:1806.08887; package
// source/vector). Config fits to a Model, and a Model embeds any points, also those that it was not
// fitted on.
package vectors
