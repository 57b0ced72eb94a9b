// Package smt is the Sparse Manifold Transform: unsupervised representations of
// images from one pass over the data and one generalized eigenproblem, without a
// deep network, gradients, labels or epochs (Chen, Yun, Ma, Olshausen and LeCun,
// ICLR 2023, arXiv:2209.15261; "the paper" in these documents).
//
// Fit learns a Model from the images of a dataset.Source; Model.Embed maps an
// image to its representation. A Config says how; Preset has the paper's. Package judge says how
// well embeddings tell classes apart, estimate what work takes before it begins, and explain looks
// at a model's Stages.
//
// One image walks through the packages in this order: dataset (pixels), patch
// (whitened patches), source/image (patches as units), manifold (the engine: codes
// against a dictionary, which of them share a context, the linear map), and pool (the
// embedding). See docs/architecture.md.
//
// # Several models side by side
//
// An Ensemble is models with weights, its members, each of which sees images or their gray view.
// Best has the recipes of the best one. Their files in one folder are the ensemble (LoadEnsemble),
// and a model that was fitted on a single channel sees gray views.
//
// # Shards and checkpoints
//
// Statistics of two shards, added, equal those of the union to the last bit, in any order. They can
// be saved and loaded. Shards must come from equal encoders, which every machine makes itself from
// the same images and configuration. Statistics carry a digest of all that they depend on but the
// images: the configuration, of which only what is known not to matter is left out, the grid of
// patches, whitening and atoms. Statistics of another encoder are refused.
//
// A checkpoint is such a file, with a fingerprint of all images. Fit reads every image for that
// before anything else (0.15 s for CIFAR-10, 0.6 s for 3,068 photographs), so that an image that
// cannot be read, or has changed, is found first. It writes the file between batches, two to five
// minutes apart, once before it solves, and when it is cancelled or fails: whole or not at all, at
// about 1 GB a second where the disk has that. A kill costs what came after the file, or the solving.
// A checkpoint that cannot be written stops nothing, and is told once. The file outlives Fit: the
// commands remove it when the model is on disk, and until then the same command goes straight to
// solving, as it does with other Dims, Ridge, Pool or Components. Components are learned after
// solving, with the file still there.
//
// Packed statistics are gigabytes that every image adds all over. Of them the codes of images are
// appended to a log beside the checkpoint before they are counted, and the statistics are written when the
// log is half as large. A kill then costs the batch in work, and an interrupt no writing. Where a fit goes on,
// the codes of the log are counted again, which takes less than to make them.
//
// # The number of workers changes no bit
//
// A piece of work writes to a place of its own, integer sums commute, float sums run in an order
// fixed by the shapes, random choices hang on seed and index, and the signs of eigenvectors are
// fixed. Tests compare model files of one and of two workers. The processor is another matter: see
// "What tiers agree on" in docs/reliability.md.
//
// # Memory
//
// Package estimate tells beforehand what work takes. Batches have bounds, and sums over windows are
// counted in pieces of so many entries, however many atoms are active.
//
// To fit or to embed, an image is never held as patches or codes as a whole. Patches are computed,
// coded and embedded in bands of some 1,500, of rows of cells just those that a band of cells covers,
// and frequencies are summed row by row.
//
// # Components
//
// A model may shorten its embeddings to their principal components ("Components of embeddings" in
// docs/method.md). Fit learns them last, from a sample of its images. The statistics of shards
// know no embeddings: Model.Shorten learns the components of a model that Solve made from images. Model.Long
// is the model without. Each member of an ensemble has its own. Components are of the cells, or
// the frequencies, of the images of the fit, and images that have others are refused.
//
// # Model files
//
// A model without components has a file of version 1, which earlier software reads, one with them of
// version 2.
//
// A model file is safetensors: tensors, and as metadata the whole configuration, the data's
// description (how many images the model was fitted on, how many of them its statistics and its
// atoms are of) and fingerprint, the objective and the software's version. No code runs on load.
// Bytes depend on the model alone.
//
// Loading checks every size against the configuration. It refuses, by name, what is truncated,
// oversized, not finite, of a later version, unknown or named twice, and values that no fit leads to:
// bounds follow from PVPᵀ = I, W = (C + εI)^(−1/2) and what was counted, with room for rounding. A
// fit holds its own solution against them before it ends, so that what it saves can be read.
package smt
