// Package shapes measures package vectors beside its peers in one run: SpectralEmbedding, locally linear
// embedding and Isomap of scikit-learn, and umap-learn, on points of manifolds that are known, pictures of a
// turning object, and digits.
//
// Neighbours are 10 for all but UMAP, which has its own 15; all else of the peers is their default. Our settings are those of
// the preset, which were chosen on points drawn with other seeds. Trustworthiness and continuity are of 10 neighbours.
package shapes
