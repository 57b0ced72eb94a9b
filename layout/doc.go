// Package layout lays points out in the plane so that neighbours are near each other: t-distributed stochastic
// neighbour embedding (t-SNE; van der Maaten and Hinton 2008). It is given who is near whom, and asks not
// what the points are: images of an index, atoms, words.
//
// Near, lists of neighbours with their squared distances, become affinities p_ij (affinity.go). TSNE moves
// points downhill on KL(p‖q), with q_ij ∝ 1/(1 + ‖y_i − y_j‖²). The attraction has a term for each affinity.
// The repulsion has one for each pair, and takes far points together by a tree, as Barnes and Hut
// do (tree.go; van der Maaten 2014). A step takes O(n log n) time, and memory for 100,000 points is some tens
// of megabytes.
//
// Nothing is random, and results do not depend on the number of workers. Points go on from a start that
// is given.
package layout
