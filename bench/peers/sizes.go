package main

// sizes are how much work each comparison does.
type sizes struct {
	atoms  int // of the dictionary of codes and counts
	coded  int // images whose patches are coded
	side   int // of the matrices that are multiplied
	count  int // images whose atoms are counted
	order  int // of the eigenproblem
	pairs  int // eigenpairs wanted
	sample int // images the eigenproblem's matrices are of

	queries, bank int // images of the neighbour search
	cellDims      int // coordinates of each of their 4 × 4 cells
	cellAtoms     int // dictionary they come from
	madeUpDim     int // values of an embedding where there are no images

	indexed, asked int // images of the index, and queries one after the other
	parts          int // components of their embeddings

	learned    int // atoms that are learned for L1 codes
	learnUnits int // patches that they are learned from
	passes     int // over these

	fitFlags, evalFlags []string // of smt in whole runs
}

var full = sizes{
	atoms: 8192, coded: 64, side: 2048, count: 5000,
	order: 4096, pairs: 400, sample: 2000,
	queries: 10_000, bank: 50_000, cellDims: 256, cellAtoms: 1024, madeUpDim: 4096,
	indexed: 100_000, asked: 100, parts: 2000,
	learned: 288, learnUnits: 10_000, passes: 3,
}

var small = sizes{
	atoms: 1024, coded: 8, side: 300, count: 210,
	order: 720, pairs: 40, sample: 100,
	queries: 500, bank: 1500, cellDims: 32, cellAtoms: 256, madeUpDim: 512,
	indexed: 400, asked: 20, parts: 60,
	learned: 72, learnUnits: 2000, passes: 2,
	fitFlags:  []string{"--atoms", "256", "--dims", "64", "--skip", "0", "--images", "200"},
	evalFlags: []string{"--bank", "1000", "--test", "1000"},
}
