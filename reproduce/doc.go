// Package reproduce runs the rows of the paper's table, and ours past it, and sets
// what comes out beside what the paper reports: smt reproduce.
//
// A row is a data set, one or more models side by side, and how they are judged.
// For each of its seeds and each of its members it fits a model and keeps the
// embeddings of all images in files of half precision; from those it is judged by
// nearest neighbours as they are, on whitened embeddings and with hubs corrected, and
// by a linear probe of whitened ones. Rows share members that are the same.
//
// Everything that takes long can be stopped and goes on where it was: statistics
// from a checkpoint, embeddings from the last block, a judgement from the one before.
// The folder of results:
//
//	results.json, results.md      of all rows that are done
//	ROW/metrics.json, ROW/log     of one
//	models/KEY.safetensors        a member, and KEY.json, what it took
//	embeddings/KEY.train, .test   while a row needs them
package reproduce
