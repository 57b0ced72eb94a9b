// Package fax decodes two-dimensional group 3 (ITU-T T.4, section 4.2), as strips of a TIFF have it,
// and the one-dimensional kind with zeros before the marks between lines, which fill bytes.
// golang.org/x/image/ccitt reads the one-dimensional kind without them, and group 4, which has neither
// lines that are coded by themselves nor marks between lines.
//
// A line is an end-of-line code, in two dimensions a bit that says how it is coded, and codes of runs, or of how its
// changes of colour differ from those of the line above. What is damaged is refused: lines are not
// searched for again after an error, as fax machines do.
package fax
