// Package graph has the neighbour graph of a bank: which items are nearest to which, and how strongly. In go the
// embeddings of items, out come the nearest of each, how much of a hub each is, and the matrix that label
// spreading, groups and outliers share.
//
//	near(i) = the k items j ≠ i with the largest cos(i, j) − 0.7·r(j)
//	cos(i, j) = the larger of the cosines of i to j and to the flip of j
//	W = (A + Aᵀ)/2,  A_ij = max(0, cos(i, j))³ for j in near(i), else 0
//	S = D^(−½) W D^(−½),  D = diag(W·1)
//
// r(j) is the hubness of j: how near it is on the whole (knn.Hubs). It is estimated against a sample of 4,000 items of
// the bank, the one that smt eval --hubs 4000 takes. All eigenvalues of S are within [−1, 1].
//
// The search is exact (package knn). Of 50,000 items the graph takes 14 MB.
package graph
