// Package judge says how well embeddings tell classes apart. In go the labelled embeddings of
// two sets of items, a bank and a test set, out comes how often the class of a test item is
// found: by the votes of its nearest neighbours in the bank (paper, section 4) or by a linear
// classifier trained on the bank.
//
// In many dimensions some items are near to everything: hubs. A protocol may subtract from each cosine
// how near the item of the bank is on the whole, estimated against a sample of the bank.
//
// It takes embeddings and labels, however they came about, and knows nothing of images.
//
// The embeddings of the test items stay in memory, 5·Dim bytes an item, or 4 where cosines are
// computed in float32. The bank is embedded in blocks, searched and forgotten, so that it may be of
// any size.
package judge
