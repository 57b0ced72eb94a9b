// Package readout tells classes apart: labels come last, after embeddings, and few may do. In go the embeddings of a bank,
// its neighbour graph and the labels of some of its items, out comes a classifier, which answers with probabilities and says which
// items of the bank speak for a class. It takes the place of package judge/probe, whose linear probe is the paper's.
//
// # Few labels
//
// Labels spread over the graph of all items, labelled or not (spread.go):
//
//	F ← α·S·F + (1 − α)·Y
//
// and the 30 nearest items of a query vote with their rows of F, each with a weight of exp((cos − 0.7·r)/0.05).
//
// # Many labels
//
// Kernel ridge regression finds A with (K + μI)·A = Y − Ȳ, and a query's scores are s = k·A (kernel.go, solve.go):
//
//	K_ij = g_i·g_j·(κ(c_ij) + κ(c_ij′)),  K_ii = 0
//	g = exp(−0.35·(r − r̄)/T),  κ(c) = exp(min(c, 0.2)/T) − 1,  T = 0.07
//
// c is a cosine and c′ that with the flip, r the hubness of package graph. The diagonal is zero: with it, K is nearly
// the identity, and tells nothing of other items. So K is indefinite, and μ is 1.1·|λ_min|, which Lanczos finds. With a smaller
// one conjugate gradients find something else without a word, so that each step checks pᵀ(K + μI)p, and the end the residual.
//
// K does not depend on labels. Of other labels for the same items, Learn costs one solution. K is kept in halves, its
// lower triangle alone, n² bytes: 2.5 GB for 50,000 items. Where that is more than a limit, or there are more than 100,000 items, K is cut
// off (cut.go): κ(c − θ) takes the place of κ(c) and is 0 of cosines below θ, which 3 to 18 % of the pairs of items reach; what is zero is
// not kept. With κ(c) as it is above θ there would be a step, and more of the answers are wrong ("A kernel that is cut off" in
// docs/research/readout.md). A value and its column take 3 bytes. It is made of a few thousand rows of the bank at a time, past which
// the others go, so that the bank itself need not fit in memory.
//
// # Both
//
//	z = s/sd(s) + 0.5·v/sd(v)
//
// adds the vote's shares v. Both deviations are of labelled items of the bank that are held out, a tenth of them, so that answers do not
// depend on other queries. The same items say how sharp probabilities are: softmax(b·z), with the likeliest b (sharpness.go). More right sides of the same system leave them
// out, so that this costs no second kernel. Of a vote alone probabilities are as (v + 0.01)^b. Where labels are few, each tenth is held
// out in turn (folds.go).
//
// # Why
//
// Scores are sums over items of the bank. Explain gives the largest parts for a class, and each one's share of all parts
// above 0.
//
// An item of the bank without a label that is asked for itself is left out of the bank (Classify): else its own share of what was spread, and a cosine of 1,
// would be nearly all that it is told.
package readout
