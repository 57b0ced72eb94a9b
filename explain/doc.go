// Package explain looks inside a model: what each stage of the method made of the images, as
// plain numbers. Its functions read a Model and images and return structs. Package draw makes
// pictures of them, and package report sets both in a page.
//
// In comments D is the number of atoms, d that of coordinates and dim that of values of a
// patch, Size × Size × Channels, rows first and channels innermost.
//
// Of a model that straightens images (smt.Config.Deskew), what is shown is what it sees: packages report and server give the
// functions Model.Straight and the images of Model.See.
//
// # Why two images are similar
//
// Given ‖s_c‖, the length of the sum that cell c is, and ‖β_i‖, the cosine of two embeddings
// is linear in the patches of an image and in its codes (pair.go):
//
//	cos(A, B) = Σ_c cell_c(A)·cell_c(B) / √(n_A n_B)          over cells
//	          = Σ_i u_i·g_i,    u_i = β_i/‖β_i‖               over the patches of A
//	          = Σ_i Σ_a φ_ia P_a·g_i / ‖β_i‖                  over the atoms of A
//	g_i       = Σ_c∋i cell_c(B) / (‖s_c(A)‖ √(n_A n_B))
//
// n is the number of cells that are not zero. Of frequencies, the cosine is a form of the cells
// a and b of the two images (form.go),
//
//	cos(A, B) = aᵀ M b,   M = DᵀWD,   W = 1/√(|Da|·|Db|) / lengths, 0 at frequencies not kept
//
// which is linear in a, and so in patches and codes, as soon as W is given: in g_i, cell_c(B)
// becomes (Mb)_c. Components (shortform.go) make it, with x the embedding before them, K = AᵀA and
// lengths given,
//
//	cos(A, B) = (x(A) − μ)ᵀ K (x(B) − μ)
//
// x is linear in a once its own W is given. What μ takes off is spread evenly over the parts of a
// split. What a cell adds is the mean of what it adds in A and in B. Each split adds up
// to the cosine, which tests compare with that of the embeddings to 10⁻⁵. A heat map spreads
// u_i·g_i over the pixels of patch i.
//
// # Three stages
//
// A Gallery holds patches in signal space, in code space and in the embedding. Atoms are among
// them, since an atom is a patch: it is coded and embedded like one. Journey ranks neighbours in
// all three (gallery.go). A coordinate as a function on the dictionary is taken at the atoms so
// embedded: P_ja alone is largest at atoms that hardly any patch has.
//
// Near in the embedding need not mean the same. Agree counts how many of the nearest patches are of a patch's class and
// of its image (agreement.go), with an error that leaves out every image in turn (census.go).
//
// # What is kept
//
// An Inverter goes back from codes, from β and from cells to the image, and says what each has lost
// (inversion.go). TuningOf says how much an atom is like a wave in one place (tuning.go).
//
// # Measured, and laid out
//
// Measure applies the forms V and L to β over a sample. Over the images of the fit they give the
// identity and the eigenvalues, which is its test (measure.go).
//
// The map of atoms is t-SNE of the columns of P, coordinate j weighed by 1 − λ_j (tsne.go; package layout). It starts from the two smoothest coordinates, so
// nothing is random.
package explain
