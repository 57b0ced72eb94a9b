// Package spectral solves the generalized symmetric eigenproblem at the heart of the
// method ("Objective" in docs/method.md; paper, equation 3):
//
//	L p = λ V p, smallest λ;    PVPᵀ = I
//
// In go two symmetric matrices, out come the k smoothest linear forms p, the rows of P. For
// whole images docs/method.md takes the largest λ of (B, V), which is the same problem since
// L = V − B; to take the smallest of (L, V) serves windows too.
//
// # Lanczos
//
// V + ridge·(tr V/n)·I is factored as CCᵀ, and the smallest eigenvalues of A = C⁻¹LC⁻ᵀ are
// found, with eigenvectors U; then P = UᵀC⁻¹. There is no full eigendecomposition. The block
// Lanczos method with full reorthogonalization (lanczos.go) only applies A: a step solves
// with Cᵀ, multiplies with L and solves with C, each of which reads a matrix once for a
// bundle of eight vectors, where one vector at a time would wait for memory
// (internal/linalg/bundle.go). To form A would cost 2n³ operations, as much as 500 products of
// vectors at n = 1,000 and 2,000 products at n = 4,000.
//
// In the basis that the blocks span, of two to three times as many vectors as are wanted, A
// is a band matrix. Rotations make the band tridiagonal, for its eigenvalues (band.go);
// inverse iteration finds its eigenvectors (inverse.go).
//
// Everything large is float32. Problems of size 128 or less, and the band matrix, are solved
// in float64.
//
// # The ridge
//
// L gets twice as large a ridge as V: else what the data never use would have λ = 0 and pass
// for perfectly smooth. The ridge decides which subspace is found, and no more. In it V is
// I − ridge·PPᵀ and L is Λ − ridge·PPᵀ: a problem of size k, which is solved once more in the
// same way, so that P is orthonormal under V itself.
//
// A V that cannot be factored is a SingularError, which names the coordinate and the cause.
//
// A V that can be factored may still be all but singular. Its forms are then small differences of
// large terms, of which float32 keeps few digits. InSpan solves once more, in float64, in the span of what was found.
//
// # Two problems in one
//
// Under flips the problem falls apart into one of even coordinates and one of odd ones
// (package cooccur), of half the size each. Of the eigenpairs of both, sorted, the first
// are wanted. Smooth coordinates are mostly even, so the odd problem is solved for few, 5/16
// of those wanted, and the even one for what is among the smallest beside these (bases.go).
//
// # Where B is a product
//
// At 65,536 atoms B is never formed, and A = I − C⁻¹BC⁻ᵀ is applied in the same way
// (SmallestOfDifference). To form A would cost two triangular solutions of size 33,000,
// 1.4·10¹⁴ operations for both problems, and the rank-n products of B another 1.1·10¹⁴. The
// 1,000 to 2,000 vectors of both problems cost 9·10⁹ each, and 8 GB read for eight of them. A
// method of filtered subspaces, as "D = 65,536 in 24 GB" in docs/method.md sketches it, would
// apply A to 530 vectors a round for 12 rounds: five times as many products.
package spectral
