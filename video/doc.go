// Package video learns from film, and embeds its frames, so that what changes slowly is what an
// embedding says: the face of source/video, as package smt is that of images.
//
//	frames → units x → codes φ → V, L over time → P → β_t = Pφ_t, a row a frame
//
// With the first difference P makes E‖β_t − β_(t+1)‖² small, as slow feature analysis does, of sparse codes
// in place of pixels. With the second it makes small how far β_t is from the mean of its neighbours in
// time, so that trajectories become straight (arXiv:1806.08887, section 3). An embedding is linear
// in codes: a mean of β over places, without scaling, stays straight.
//
// Fit learns a Model, Save and Load keep it, Embed applies it.
package video
