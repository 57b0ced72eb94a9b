// Package video is film as a source of units: a unit is a frame, or the patch of a frame at one
// place, and its context is what is seen there a little earlier and later ("Objective" in
// docs/method.md; arXiv:1806.08887, section 3).
//
// # Reading
//
// Find lists the clips that a path holds: a folder of images is a clip, its sub-folders are
// clips, and so is every animated GIF, every y4m file and, where ffmpeg is installed, every
// file that it reads. A Clip opens as a Reader, which gives frame after frame and holds no
// more than it needs for the next one. Load keeps the frames of clips, brought to one small size.
//
// # Units
//
// A group is one place of one clip, watched through time, and its units lie on a line: frame
// after frame. So nearness in time is nearness on a line, and clips and places never mix. (That is
// cooccur.Lattice with steps along the first size alone, taken apart: places are counted on all workers, and
// a long clip needs no units in a row but those of one place.)
package video
