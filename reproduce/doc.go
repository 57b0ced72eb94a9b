// Package reproduce runs the rows of the paper's table, and ours past it, and sets
// what comes out beside what the paper reports: smt reproduce.
//
// A row is a data set, one or more models side by side, and how they are judged.
// For each of its seeds and each of its members it fits a model and keeps the
// embeddings of all images in files of half precision, all their values. From those it is judged by
// nearest neighbours as they are, by the components that a fit would have stored in each model, on
// whitened embeddings and with hubs corrected, and by a linear probe of whitened ones; and package readout reads classes out
// of the components, from few labels and from all. Rows share members that are the same.
//
// Rows of other kinds than images are studies: row words has smt and peers learn from the same
// text in one run, and judges all by the same tests. A study is done whole or not at all, and again
// where peers were missing.
//
// Of images, everything that takes long can be stopped and goes on where it was: statistics
// from a checkpoint, embeddings from the last block, a judgement from the one before.
// The folder of results:
//
//	results.json, results.md      of all rows of images that are done
//	ROW/metrics.json, ROW/log     of one row, of any kind
//	models/KEY.safetensors        a member, and KEY.json, what it took
//	embeddings/KEY.train, .test   while a row needs them
//
// # Jobs and works
//
// The table is in rows.go. A job is a model of a row with a seed. Its files are named by a
// digest of configuration, view and training images, so that rows find each other's. A row's
// work is a digest of its jobs, weights, protocol and images: metrics of the same work are not
// made again. Metrics of a version that judged less are completed where all models and embeddings of the row are there.
//
// Time and peak memory are kept per job and per judgement, over all runs it was done in. A row
// adds up those of its jobs, shared or not. Peaks are of the piece of work alone where the system
// can forget an earlier one, as Linux can.
package reproduce
