// Package memory tells how much memory the program has used, how much there is, and what a
// program takes that holds so much.
//
// Available knows free memory; the limits of control groups, of version 1 and 2 and at any depth,
// less what others use of them; and `ulimit -v` and `-d`. What does not fit is refused with the
// limit and what would fit. No library is used for it: those for Go read a group's limit, not what
// is left of it, and no ulimit.
//
// A program that calls Tune collects garbage when it is a quarter of what is in use, which is a
// few large arrays and costs nothing to look through. The library leaves that to its caller.
package memory
