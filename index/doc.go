// Package index keeps what a model makes of many images in one file, to be searched and looked at without the model's
// own files or the images: embeddings, ids, classes, sizes, thumbnails, and the model. In go a model and blocks of
// embeddings, out comes an embedding.Set whose rows can be searched exactly.
//
// # The file
//
//	offset 0      a line of JSON, which says what the file is, and of which version
//	offset 4096   a root, and at 8192 another one
//	offset 12288  the models, as their files are; blocks; directories, the last of which counts
//
// A block has some items, up to 4,096, in five parts, each with a checksum (block.go):
//
//	coarse   embeddings in 4 bits, as package knn scans them
//	codes    the same in 8 bits
//	halves   the same in halves
//	items    ids, classes, sizes of the originals, digests of the pixels
//	pictures thumbnails
//
// The directory says where the blocks are and what holds for all: sizes, classes, models (directory.go). A root says
// where the directory is, and the valid root of the higher number counts (root.go).
//
// # Reading
//
// The file is mapped into memory where the system can (map_unix.go), and else read piece by piece. Opening reads the
// roots and the directory, which has 44 bytes for a block. A part is held against its sum when it is first read.
// So an index of a million items opens without reading its rows, and takes a bit of memory for each part. A file that
// something else cuts while it is mapped ends the program: nothing here shortens one.
//
// # Writing
//
// What the roots lead to is never overwritten. Blocks and a directory are written behind all that is there, and put
// on the disk; only then the older root is overwritten, to lead to the new directory. So wherever writing
// stops, a root is valid, and all that it leads to is there.
//
// The blocks of a work that is not complete are pending: the directory has them, and readers leave them out. The same
// work goes on from them. The last directory of the work makes them items.
//
// # Searching
//
// A search reads every item in 4 bits, half a byte a value and the flip for nothing; in 8 bits those that 4 leave in
// question, a few in a hundred; and in halves those that 8 leave in question (package knn). The answer is that of float32 products with the halves.
package index
