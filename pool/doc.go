// Package pool makes the embedding of an image of those of its patches, the last stage of the
// method ("The image pipeline" in docs/method.md; paper, section 3, "pooling"). In go the
// embeddings β of the patches on a grid, out comes one vector:
//
//	cell c = unit(Σ_i β_i/‖β_i‖)       over the patches i of a window
//	e      = all cells, as in the paper, or the signed roots of their low frequencies
//
// It knows nothing of images: a grid is of rows × cols patches. A Layout is a plain value.
//
// # Cells
//
// Cells are Window × Window patches, about Stride patches apart. Their starts are spread from
// the first patch to the last and rounded from the nearer end, so that both halves agree. A
// middle cell that could not be centred is avoided by one cell more (layout.go).
//
// # Fewer patches
//
// Neighbouring patches have most of their pixels in common, and their embeddings are alike. With Thin = 2 or 4 a
// cell is the mean of one in so many of its patches: of a checkerboard, or of every second one in rows and in
// columns. The others are never coded, which is what an embedding takes its time for. What is left out looks the
// same from either side, as cells do (thin.go).
//
// # Frequencies
//
// Cells of an image are alike: over 64 of them the mean of a coordinate is most of it, and
// decides the cosine. With Frequencies = r an embedding is
//
//	z = D(cells),  D the orthonormal cosine transform over rows and columns of cells;
//	e = sign(z)·√|z| / length,  of the frequencies with √(down² + across²) ≤ r half periods
//
// D is a rotation, and would change no cosine. The root makes large values count for less, and
// is worth more in D's basis than among cells ("The spectrum: a basis for the cells, and a power" in docs/research). The root would
// also make much of the high frequencies, which tell images apart that are the same thing in
// another place. Without them neighbours are as good or better: of 64 cells and r = 4 there
// are 17 frequencies, so that an embedding of 384 coordinates has 6,528 values and not 24,576
// ("Low frequencies only" in docs/research). Rows of cells are transformed as they come
// (frequencies.go).
//
// # Flips
//
// Where the dictionary is closed under flips, a flip keeps or negates each coordinate of β,
// which is the coordinate's parity, and keeps ‖β‖. Cells lie symmetrically, so the flip of an
// image moves each cell to the other side. Together: the embedding of the flip is Fe, with F a
// signed permutation. Of frequencies F changes signs only: those odd across are negated, times
// the parity of the coordinate. EvenOdd turns embeddings to the basis in which F is diagonal
// (mirror.go).
package pool
