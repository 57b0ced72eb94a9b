// Package smt is the Sparse Manifold Transform: unsupervised representations of
// images from one pass over the data and one generalized eigenproblem, without a
// deep network, gradients, labels or epochs (Chen, Yun, Ma, Olshausen and LeCun,
// ICLR 2023, arXiv:2209.15261; "the paper" in these documents).
//
// Fit learns a Model from the images of a dataset.Source; Model.Embed maps an
// image to its representation. A Config says how; Preset has the paper's.
//
// One image walks through the packages in this order: dataset (pixels), patch
// (whitened patches), sparse (codes against a dictionary), cooccur (which atoms
// share a context), spectral (the linear map), and back here (pooled embedding).
package smt
