// Package wordtest says how well vectors of words agree with what people say of the words. In go
// vectors by name and a published test, out comes a number:
//
//   - of pairs of words with the similarity that people gave them (WordSim-353, Finkelstein et
//     al. 2002; SimLex-999, Hill et al. 2015), the rank correlation of cosines with that;
//   - of analogies, "a is to b as c is to d" (Mikolov et al. 2013), how often the word nearest
//     to b − a + c is d.
//
// Either counts what it could ask, since a test has words that a corpus has not: numbers of two
// vocabularies compare only where both have the words. It takes vectors, however they came
// about.
package wordtest
