// Package jpegplanes decodes a JPEG to the planes of its components, as they are coded: it
// knows no colours. It is for what image/jpeg refuses or hides: four components of which any are
// subsampled, three that are subsampled in an unusual way, and the strips and tiles of a
// TIFF, whose colours the TIFF states.
//
// It reads what is coded by ITU-T T.81 with Huffman codes in samples of 8 bits: sequentially
// (baseline, extended) or progressively, of 1 to 4 components, with any sampling factors. It
// refuses arithmetic codes, 12 bits, lossless and hierarchical files.
//
// Frame is what the header states. Frame.Memory bounds what decoding takes, and a caller holds
// it against a limit first. A file that is cut or damaged is an error, never samples that were
// not in it: each coefficient is coded once, and refined bit by bit, or the file is refused.
//
// Samples are those of libjpeg-turbo to the last bit: its "slow" integer transform
// (transform.go), and its interpolation of subsampled planes (upsample.go).
package jpegplanes
