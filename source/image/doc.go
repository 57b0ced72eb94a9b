// Package image is images as a source of units: a group is an image, or its gray view, and a
// unit a patch of it, whitened and of unit length ("The image pipeline" in docs/method.md). Patches lie in rows and
// columns, and their symmetry is the left-right flip.
package image
