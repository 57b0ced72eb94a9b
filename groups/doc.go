// Package groups tells what kinds of items there are. In goes the graph of neighbours, out come groups of
// items, the largest first, each with its exemplars.
//
// # Spectral clustering
//
// S = D^−½WD^−½ has the weights of the graph, each over the roots of its ends' degrees. A weight is the cosine of two
// neighbours, the cube root of that of package graph: with its cubes, some ten items that are near to each other and
// to nothing else have an eigenvector of their own, and the first twenty vectors are of such sets ("Groups" in
// docs/research). The eigenvectors of S of the largest eigenvalues are nearly constant where the graph hangs together, and differ where
// it does not (Ng, Jordan and Weiss, NIPS 2001). The solver is that of the eigenproblem of a fit
// (internal/spectral), which knows S by its products alone. An item is its values in 1.5·k vectors for k groups,
// brought to length 1. K-means divides these (kmeans.go).
//
// Items that are equal, up to rounding, are one to all this: they are in one group.
//
// # How many
//
// Of a graph of k pieces k eigenvalues are 1, and the next one is less. The eigengap is the number after which the next
// eigenvalue is furthest below (Gap). It is right where groups are apart; of photographs it often tells a few small sets from
// the rest. So where the number of groups is not given, each from 2 to 24 is tried, and the division with the
// largest modularity counts (number.go): over 13 sets with labels its adjusted Rand index is that of the true number of
// classes ("How many" in docs/research/groups.md).
//
// # Agreement
//
// Where items have labels, Agree compares them with the groups. No label has a part in what the groups are.
package groups
