// Package duplicates finds near-duplicates: items that are copies of each other, but for how they are
// compressed, their size, a crop, a flip, light or a mark. In go embeddings and the graph of their neighbours,
// out come groups of items.
//
// # Near, for these two
//
// In a crowded place items are near each other without being copies. What counts is the margin of two items: how
// far their cosine is above what is usual for them,
//
//	m(i, j) = cos(i, j) − (r(i) + r(j))/2,
//
// where r is how near an item is to its nearest (package graph). By plain cosines, with a threshold chosen in the same way, 84 %
// of copies were found where margins find 96 % ("Near-duplicates" in docs/research).
//
// # How near is a duplicate
//
// What margin copies have depends on the model and on the items, so the threshold is chosen from the data,
// without labels (threshold.go). Let m₁ ≥ m₂ ≥ … be the margins of an item with its nearest. Were nothing a copy, m₁
// would follow from those after it: the top of a sample falls off about exponentially, so that the spacing m_k −
// m_{k+1} has the mean σ/k (Weissman, JASA 1978), and
//
//	P(m₁ ≥ t) = 1 − (1 − exp(−(t − m₄)/σ))³,    σ = (m₄ − m₁₀)/(1/4 + … + 1/9).
//
// m₄ to m₁₀ are of no copies where an item has three or fewer; items whose m₄ is far above all others' are left out, and the
// rest stand for them. The sum of P over all items is how many would have a neighbour at t by chance; how many have one is
// counted. The threshold is the least t at which the first is a twentieth of the second: an estimate of the false
// discovery rate (Benjamini and Hochberg, JRSS B 1995). It came out at half of that, or less.
//
// # Equal items
//
// Where most items are copies of one, that is what is usual, and no margin tells it. But embeddings of many values
// that are equal, up to rounding, are no chance: they are copies whatever is usual, and no threshold is asked.
// They may have a small margin. Images of very few patches can be equal to a model without being so, where codes are of 0 and 1.
//
// # A second look
//
// A crop moves what is in a picture, and what an embedding says with it. So pictures of near items are laid over each other, each as a
// crop of the other, and their largest correlation is their agreement (picture.go). The neighbours of ranks 4 to 10 by
// margin are no copies, and tell what agreement chance has; the least one is taken at which chance makes up a twentieth of the items that
// margins do not name (second.go).
//
// # Groups, not chains
//
// Pairs at the threshold or above link items. Of items that are linked, the one with the most links is the
// centre of a group, and those whose own margin with it reaches the threshold, or that are equal to it, are its members; then the same of
// the others. A chain of items, each like the next, is thus cut where it leads away. An item that is linked to members
// alone, and to no centre, is in no group.
//
// # Flips
//
// An item and its flip are one: a copy may be flipped, and is told so, where the model knows flips.
package duplicates
