// Package patch turns an image into whitened patches of unit length, the first stage of
// the method ("The image pipeline" in docs/method.md; paper, section 3, "whitening"):
//
//	x = W (p − m) / ‖W (p − m)‖,    W = (E[ppᵀ] + εI)^(−1/2)
//
// An image may be straightened before (Transform.Deskew); whoever takes patches of it then takes those of the
// straightened one, since it is done where patches are cut.
//
// p is the pixel values, in [0, 1], of one of the Size × Size × Channels patches at stride
// 1. m is the mean over the image, the mean over the patch, or nothing (Center). W is the
// ZCA matrix, which leaves a patch looking like a patch; without whitening it is the
// identity.
//
// The moment E[ppᵀ] of centred patches is taken about zero, since nothing but m is
// subtracted where W is applied. It is averaged with its own flip, so that whitening
// commutes with flipping. It is summed in float32 over groups of 64 images, and in float64
// over groups, in order: W does not depend on the number of workers (Whiten).
//
// A patch without signal is blank. It is not coded, is never an atom, and adds zero to an
// embedding.
//
// Patches of a large image take a hundred times the memory of its pixels. They are taken
// in bands (Cut), and whitening sums bands to the same bits as whole images.
package patch
