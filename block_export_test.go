package smt

import "github.com/sparse-manifold/smt/embedding"

// EmbedBlock is the number of images of dim values that commands embed at a time.
func EmbedBlock(dim int) int { return embedding.BlockRows(embedBlock, dim) }
