// Package vector is points as units: a row of numbers is a unit, the nearest neighbours of a
// point are its context, and the group of all points is the only one. What the engine then
// finds are the Laplacian eigenmaps of the graph (Belkin and Niyogi, Neural Computation 2003),
// as far as functions of the codes have them (arXiv:1806.08887, section 3).
//
// # The graph
//
// Two points are near if either is among the k nearest of the other, or, of a mutual graph, if
// both are. Distances are Euclidean. Points that are equal are one unit: k copies of a point
// would have none but each other for neighbours. A graph may be in pieces (Pieces).
//
// Of points of a few values neighbours are found in a tree of boxes, exactly. A box that is further from a point than the k
// nearest so far is left out. In many dimensions that leaves out next to nothing, and neighbours are found cell by cell:
// the cell of an atom has the points that are nearest to it. A point x of the cell of atom a is as far from all points of
// the cell of b as from the plane between the two, or further:
//
//	‖x − y‖ ≥ (‖x − b‖² − ‖x − a‖²) / (2‖a − b‖)    for all y in the cell of b.
//
// A cell that is further from x than the k nearest so far is left out, so the neighbours are
// exact. Of more points than ExactPoints the bound is multiplied with a factor, the largest at which a sample of the points,
// whose neighbours are known, keeps 0.995 of them.
//
// # Many points
//
// L and V are means, over edges and over points: a sample has the same expectation. Of more points than ExactPoints, if
// they have few values and are in one piece, the edges of 20,000 are counted, evenly spread over all, and 3 edges of each, to neighbours among all the
// points. So what is near stays what is near in the whole. Edges of one point share its code: 3 edges of
// 20,000 points say more than 10 of 5,000, which cost as much. V is that of the points that these edges have.
//
// That all points are in one piece is not taken from the sample. A search goes on for points that no known edge
// reaches, then for those of all pieces but the largest, until all are joined or all neighbours are known. A graph in
// pieces, and a mutual one, is counted whole.
//
// # The code
//
// With d₁ ≤ d₂ ≤ … the distances of a point to its nearest atoms, the k nearest atoms have the values
//
//	φ_i ∝ (1 − d_i²/d²_{k+1})²,    Σφ_i = 1,
//
// which are continuous in x: an atom comes and goes with the value 0. Since they sum to 1 in
// integers of 1/1024, the constant function is a function of codes, exactly, and has λ = 0.
// Unlike a cosine, a distance needs no unit vectors.
package vector
