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
// Neighbours are found cell by cell: the cell of an atom has the points that are nearest to it.
// A point x of the cell of atom a is as far from all points of the cell of b as from the plane
// between the two, or further:
//
//	‖x − y‖ ≥ (‖x − b‖² − ‖x − a‖²) / (2‖a − b‖)    for all y in the cell of b.
//
// A cell that is further from x than the k nearest so far is left out, so the neighbours are
// exact. In many dimensions the bound leaves out next to nothing. Of more points than
// ExactPoints the bound is therefore multiplied with a factor, the largest at which a sample of the points,
// whose neighbours are known, keeps 0.995 of them.
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
