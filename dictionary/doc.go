// Package dictionary chooses the atoms that units are coded against ("The image pipeline"
// in docs/method.md). In go units, a few of each group (Sample); out come unit vectors.
//
// Exemplars are random units, each kept if its cosine with every one kept before is below
// a bound. KMeans are the centres of a spherical k-means. Learn minimises the objective of L1
// codes.
//
// # Exemplars
//
// Candidates are drawn in up to 60 rounds over the groups. Reading a group, which for
// photographs is decoding a file, is most of the work: so as many rounds are drawn at a
// time as the rate of the last one says are wanted, and each group is read once for all of
// them. A candidate too near to an atom now is too near later as well; only the others are
// kept, and looked at in the order of the rounds. The atoms are those that round after
// round would find.
//
// A sample may have too few units so far apart. The error says how many were found, which
// is a number that can be asked for, and a cosine at which the wanted number is found.
//
// # Learned atoms
//
// Learn goes through units in batches. With the codes α of a batch the sums C = Σααᵀ and U = Σαxᵀ go
// on, old batches counting less, and each atom in turn becomes a_j + (U_j − C_jA)/C_jj, scaled to length
// 1: the minimum of Σ½‖x − Aα‖² in that atom (Mairal, Bach, Ponce and Sapiro, ICML 2009). Weights are
// those of scikit-learn's MiniBatchDictionaryLearning. With flips a unit counts as itself and its flip, whose
// code is permuted, and atoms change in pairs (update.go).
//
// # Closed under flips
//
// Where units have flips, the dictionary holds the flip of each of its atoms: an atom joins
// together with its flip, and Mirror[a] is the atom that is the flip of atom a. A unit too
// close to its own flip is first made symmetric, and is then its own mirror. The code of a
// flipped unit is therefore a permutation of the unit's own code, and flipped images, which
// every statistic and every bank of neighbours would otherwise code again, cost nothing
// ("Flips for free" in docs/architecture.md).
//
// # Order and rounding
//
// Atoms are rounded last, to where products in 8 bits have next to no error
// (sparse.Round). They are then put in the order that package sparse codes fastest: atom
// a^8 is the flip of atom a. Rounding may bring two atoms closer by 0.001.
package dictionary
