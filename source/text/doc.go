// Package text is the source of similarity in words: a corpus whose lines are groups, and whose
// words are units. Two words are alike where the words around them are, though they may never
// stand together.
//
// A line is a document, an article or a paragraph: no window reaches from one to the next. Of a
// .tsv file a line is a title, a tab and the text; the title is not read. Either may be compressed by
// gzip.
//
// A word is letters of any script, with the marks that belong to them, in lower case; apostrophes
// inside belong to it (don't, l'eau). Numbers and signs are between words, and stand for nothing.
// A word that comes up less than MinCount times is a unit without a code: it has its place in
// windows, and is counted with none of its neighbours.
//
// A unit is a code as it stands, of one atom, numbered in 32 bits (manifold.NewOfCodes): the more
// frequent word has the smaller number, and of two of the same frequency the one that is first in
// order of bytes.
package text
