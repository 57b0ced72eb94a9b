package smt

// EmbedBlock is the number of images of dim values that commands embed at a time.
func EmbedBlock(dim int) int { return blockOf(embedBlock, dim) }
