// Package embedding has the embeddings of many items as streams: made again each time, read
// from a file, or of several models side by side. What judges embeddings need not know which.
//
// A Set gives blocks of rows. A row is a unit vector, or zero, in a basis in which the
// left-right flip of the item is a change of signs: values that the flip keeps come first,
// those that it negates after them. The basis is a rotation, so that cosines stay what they
// are.
//
// # Several models
//
// Join sets the rows of several models side by side, each times √w_k of its share of the
// weights. A cosine is then the weighted mean of the models' cosines:
//
//	cos(x, y) = Σ w_k·cos_k(x, y) / Σ w_k
//
// The even values of every model come first, then the odd ones of every model: a flip stays a
// change of signs.
//
// # Files
//
// A file has rows of halves (file.go). A writer puts rows on the disk, and only then says in
// the header that they are there; what it writes has another name until it is whole
// (writer.go). Halves lead to the accuracy of floats: 79.02 and 97.77 of CIFAR-10, either way.
//
// Behind the rows come their ids (ids.go), the names that the source has for its items: a path inside the
// folder, FILE#INDEX. Their size and sum are fixed from the beginning, so that rows go on with the same
// items alone. They are read one by one, so that ten million of them take no memory. The header, the rows so
// far and the ids have checksums.
//
// # Components
//
//	y = unit(Λ^(−p/2) U (x − μ))
//
// The first components U of a sample make any set one of shorter rows (components.go, shorten.go).
// The sample is of the images that a model is fitted on, and the model keeps what comes of it
// (parts.go), or of a bank.
// The sample and its flips have a covariance of even values and one of odd values, and nothing
// between the two. So there are two smaller problems, components are even or odd, and the flip
// remains a change of signs; the components of both problems compete for the places. 24,576
// values, as of cells, have a covariance of 600 million numbers. The Gram matrix of the sample,
// of m = 8,192 images, has the same eigenvalues λ, and each of its eigenvectors u leads to the
// component Xᵀu/√(mλ).
package embedding
