// Package cooccur counts which atoms occur together and in which contexts, the third stage of
// the method ("Objective" and "Identities that make it cheap" in docs/method.md; paper,
// equations 1 and 2). In go the codes of groups of units, and which units are near which
// (Topology). Out come the coordinates that solve L p = λ V p, for two quadratic forms:
//
//	V = E[φφᵀ]                                  (all units)
//	L = E[(φ_i − φ_ctx(i))(φ_i − φ_ctx(i))ᵀ]    (differences within a context)
//
// A unit is a patch of an image, a word of a text, a frame of a clip; a group is the image, the text,
// the clip.
//
// # Integers
//
// Both are sums over groups of integers: statistics of parts of a data set, added in any order
// and along any tree, on any number of workers or machines, are those of the whole to the last
// bit. Statistics is what all kinds of them have in common. Dense holds two triangles, of V and of M,
// in 64 bits, and refuses additions long before those overflow. For 0/1 codes V counts the units that have both atoms, row by row in
// 16 bits, so that a row stays in the first-level cache. With a Step, statistics are of patches
// that many rows and columns apart: pairs of patches of an image are compared as before, only
// fewer of them.
//
// # What M is
//
// Whole groups. No difference is formed. With μ the mean of the N_i coded units of a group,
// Σ(φ−μ)(φ−μ)ᵀ = Σφφᵀ − N_iμμᵀ, so M sums N_iμμᵀ = c cᵀ/N_i, with c the sum of the group's codes.
// To stay integer it sums w·c cᵀ with w = N/N_i, N the units of every group, rounded to 12 binary
// places; the scale 1/(N·2¹²) is put back when L is made. (Where groups differ in size, N is 2¹².) If
// all units are coded, w is 1 and nothing is rounded. Else w is off by less than 1 part in 8,000, and in the same way in every
// shard. (To leave a unit out of its own mean would only multiply the difference by
// N_i/(N_i−1).) The products are 16-bit dot products: c and w·c are cut into 11-bit digits, and
// summed in 32 bits over as many groups as are sure to fit.
//
// Windows, first difference. With s_i the sum of the codes of the n_i coded neighbours of unit
// i, ½Σ_(i,j)(φ_i−φ_j)(φ_i−φ_j)ᵀ = Σφ_i(n_iφ_i−s_i)ᵀ, integer as it stands. For 0/1 codes it is
// Σ(n_i+1)φ_iφ_iᵀ − Σφ_i(φ_i+s_i)ᵀ. The units of a window share atoms, so φ_i+s_i is summed up
// once for each unit, and the second sum is counted as V is, with numbers of units as weights.
//
// Windows, second difference. v_i = φ_i − s_i/n_i is rounded to 12 binary places, and M sums
// v_iv_iᵀ.
//
// # Batches
//
// Batches are bounded by their groups and by their active atoms, 2·D² bytes at most. The parts
// counted at a time are bounded by the additions they take, half a second's or less
// (accumulate.go). Sums do not depend on either. A group of more than 70,000 units is counted by
// itself in bands, each with the units that a window reaches (bands.go); its sum is added once it is
// whole. So statistics are of whole groups whenever a context ends the work, and what was counted
// before is kept.
//
// # Parity
//
// A flip of units is a permutation Π of atoms, if the dictionary is closed under flips: the code
// of a flipped unit is Πφ. An image and its flip together contribute V + ΠVΠᵀ, and M likewise;
// only V is ever counted. The sums of both commute with Π, so they do not connect the even codes
// (Πy = y; basis (e_a + e_Πa)/√2) with the odd ones (Πy = −y; basis (e_a − e_Πa)/√2). Solving is
// two problems of half the size and a quarter of the work. Nothing needs to be made symmetric: on
// each of the two spaces ΠVΠᵀ and V agree, so V is restricted to it (basis.go).
//
// # Tens of thousands of atoms
//
// In 64 bits the two triangles of 65,536 atoms are 34 GB. Above 16,384 atoms, with flips and
// whole-image contexts, Packed statistics take their place (packed.go):
//
//   - V is kept in 32 bits, and only what the two problems read of it: V[a,b] + V[Πa,Πb] and
//     V[a,Πb] + V[Πa,b] for every two pairs of an atom and its flip. That is 4.3 GB in place of
//     8.6. A row of both sums is counted for the pair in one go.
//   - M is never formed. The groups' code sums c are kept, a byte an atom, 3.3 GB for 50,000
//     images, and the solver multiplies with B = Σ c cᵀ/N_i (between.go). A product takes a few
//     images at a time, c·x and then Σ (c·x) c, while they are in the second-level cache, so that
//     the bytes are read once. They are bytes of atoms: a product folds them to floats of
//     coordinates, a tile at a time, which halves its products.
//
// A byte bounds the units counted of a group to 255: a Step of 2 or more for CIFAR, which is
// needed for another reason too, as pairs cost the square of the active atoms.
//
// V and B are the same sums as before, for N_i exact where Dense has 12 bits. Parts of a
// data set still add up. Products with B are sums of floats over the list of images, so the list
// is sorted by what is kept of an image before it is multiplied with or saved (order.go): neither
// results nor files show in which order images were counted, in which batches, or along which
// tree parts were added.
//
// # A hundred thousand words
//
// Units that have one atom each leave V diagonal and most of L zero. Sparse statistics keep what is
// counted alone: of each atom, those that came near it within a window on a line, and how often, in 32 bits
// (sparse_count.go). Atoms are numbered in 32 bits. Rows are made one by one, and are the same
// whatever came first. Weights are whole numbers, so that sums stay exact; what is made of the counts, their root
// for instance (Transform), is made when they are solved with, and is no part of them. Neither L nor
// what stands in the same slots (sparse_slots.go) is ever formed: the solver has their products.
package cooccur
