// Package sparse codes units sparsely against a dictionary, the second stage of the method
// ("The image pipeline" in docs/method.md; paper, section 3, "general sparse coding"). In
// go unit vectors (Vectors), out come the numbers of their active atoms (Codes). A unit x
// and an atom a have length 1; their similarity is the cosine x·a:
//
//	general   φ_a = 1 where x·a ≥ t
//	soft      φ_a = (x·a − t)₊, in units of 1/1024
//	nearest   φ_a = 1 for the atom with the largest x·a
//	l1        φ = argmin ½‖x − Aα‖² + t Σα over α ≥ 0, in units of 1/1024
//
// A unit without an active atom is left out of the statistics. An embedding has to put it
// somewhere, and gives it its nearest atom (Encode's fill).
//
// # Codes are exact
//
// The cosine that decides is the sum, in float64 and in order, of the products of the
// float32 values, each of which is exact in float64. Codes therefore depend on units and
// atoms, not on the kernel that did the bulk of the work: all tiers of internal/simd give
// the same ones.
//
// # How they are found
//
// The product of all units with all atoms is where the time goes, and only one bit of each
// is wanted. So it is taken in 8 bits, and the bits are proved. With x̂ and â rounded to 8
// bits,
//
//	x·a = x̂·â + (x − x̂)·a + x̂·(a − â),
//	|x·a − x̂·â| ≤ r + (1 + r)·R + rounding,    r = ‖x − x̂‖,  R = max_a ‖a − â‖.
//
// Each unit has its own scale, so that r is about 0.007. Atoms are rounded when a dictionary
// is made (Round: an atom moves by about 0.015, less than the gray levels of pixels leave
// open once they are whitened), so that R is 0.001 or two. The product x̂·â is an exact
// integer. The kernel compares it with t minus and with t plus the margin, and stores these
// two bits an atom, never the product. Both bits are set for an atom that is active. Neither
// is set for one that is not. An atom with the first bit alone is in doubt: it is computed
// again in float32, which has a bound of its own, and what is in doubt still is decided in
// float64 (search.go). The nearest atom is found by the same search at a falling level: once
// some atom is above the level, the nearest is among those that are (nearest.go).
//
// Without an 8-bit kernel the float32 kernel takes the first step in the same way.
//
// # L1 codes
//
// The code of least ½‖x − Aα‖² + t Σα is classical sparse coding (Olshausen and Field, Nature 1996).
// With r = x − Aα, it is the one with a·r = t for active atoms and a·r ≤ t for the others (Karush, Kuhn
// and Tucker). So the atoms that a code lacks are those that the search above finds at r in place of x.
// The best of them join the support, on which values solve a linear system, and those that come to
// zero leave it (support.go). Each round makes the objective smaller, and no support comes twice. What
// joins is decided by sums in float64, as other codes are. A value of either sign is two atoms, an atom and
// its negative (Signed).
//
// # Half the products for a dictionary closed under flips
//
// Let x′ be the flip of x. In the basis of even parts e = (x + x′)/√2 and odd parts
// o = (x − x′)/√2, the cosine of a unit with an atom is e·e_a + o·o_a, and with the atom's
// flip it is e·e_a − o·o_a. The two products e·e_a and o·o_a, each of half the length, serve
// both atoms (layout.go).
package sparse
