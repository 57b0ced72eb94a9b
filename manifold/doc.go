// Package manifold is the engine of the method: units are coded, their codes counted in a
// context, the eigenproblem of the counts solved and its solution applied.
//
//	units → codes φ → V, L → P → β = Pφ
//
// Groups of units go in, by a Source: as vectors to be coded, or as ready codes of what has
// no vectors. A linear map P comes out, of codes to the coordinates that change least within
// a context ("Objective" in docs/method.md; paper, equation 3). What a unit is, a patch, a word, a frame, is the
// source's affair.
//
// Inverse goes back, from β to a sparse code that has it.
package manifold
