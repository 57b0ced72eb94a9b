// Package dataset reads labelled and unlabelled images from the formats they are published
// in, and hands them to the method behind one small interface: a Source is a number of images
// of one shape, read by index, each with an id, safe from many goroutines. It knows nothing of the
// method: an image here is a block of bytes.
//
// IDX, CIFAR, folders, lists of files and tars stand behind it. Package fetch downloads, and package digits holds
// what the demo needs. Splits and samples are chosen by a hash of seed and index (internal/shuffle),
// not by a generator that someone has to draw from in the right order.
//
// # Image files
//
// One decoder reads image files, of folders and of uploads (picture.go). What a header declares
// is held against limits, and against what a file of its size can hold, before memory is taken
// (header.go). Where libraries are wrong they are corrected. Lossy WebP is in the range of video,
// and its chroma is interpolated, to the last bit as libwebp does (webp.go). CCITT TIFF is
// inverted, and planes, CMYK and gray with alpha are put together (tiffjoin.go). Where they
// refuse, samples are decoded here: JPEG of four components, and of three that are subsampled in an
// unusual way, to the last bit as libjpeg does (jpeg.go, internal/jpegplanes), TIFF compressed as
// JPEG (tiffjpeg.go), YCbCr (tiffluma.go), two-dimensional group 3 (tifffax.go, internal/fax), and
// samples of 2, 4 and 12 bits (tiffplanes.go). Other JPEG keeps Go's chroma, each sample for all
// its pixels, where libjpeg interpolates: of 150 photographs values differ by 0.8 on average. `make
// pillow` compares all formats with Pillow.
//
// Samples of 16 bits of which fewer count are spread over the whole range, by one number of
// bits for a folder, which the model keeps (depth.go): an embedding depends on its image and the
// model, never on what lies beside the image.
//
// # Decoded once
//
// Decoded images are kept in memory (kept.go) and, where they do not fit, in a file (pixels.go, spill.go), which the next command
// takes up (takeup.go, internal/pixelfile).
//
// # Straightened images
//
// Writing is slanted, and narrow or wide, by whoever writes. Straighten takes both from a gray image, and Deskew is a source of such images
// (deskew.go).
//
// # Folders
//
// A folder decodes an image when it is read. A program that reads images more than once has them kept, as far as
// there is memory (Keep, kept.go): a fit would else decode a file some thirty times. Work on all images in order,
// as Fingerprint, has them decoded ahead on all workers.
//
// A file with a name of an image may be none, and one with a good header may be cut. Open finds the first kind, all of
// them, and Set.Check the second, which takes decoding: it is for programs whose work is long (bad.go).
//
// A list is a folder whose files are given (list.go, listline.go): what is said here of reading, bad files and kept pixels is so of it.
// A tar is a folder whose files are read where they lie in it (shard.go, member.go, shards.go).
//
// Every file of a folder is an image, or in Set.Bad, or in Set.Left (survey.go, tally.go). A link to a folder is followed
// if it leads out of what is read, and so once. Folders are splits by the words of their names
// (splitnames.go), and together: seg_train needs seg_test, and train beside bus and car is a class
// (splits.go). Folders of the same names in two classes, one of them named as a split, are an
// error.
package dataset
