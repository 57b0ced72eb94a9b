// Package pixelfile keeps the decoded images of a folder in a file, so that neither this command nor the next decodes
// them again.
//
// A file begins with what all of its images have in common, a Head. Chunks follow. A chunk is a list of Entries, one an
// image file, and then the pixels of those that are no bad files, one after the other. Head and lists are JSON, each behind
// its length and its CRC-32C, 4 bytes each, little-endian; the CRC-32C of an image's pixels is in its entry. So a file that
// was cut holds its whole chunks, and a byte that has changed is found.
//
// An Entry is of an image file as it was when it was decoded: its size, its times and its number in the file system. Whether
// the image file is still that one is told as git's index tells it (git's Documentation/technical/racy-git.txt): all of
// them are the same, and the image file is older than the file of pixels.
//
// Pixels are read, not mapped: they are copied in any case, and a file that is cut while it is open is then an error, not
// the end of the program.
package pixelfile
