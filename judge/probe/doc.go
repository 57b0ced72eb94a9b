// Package probe classifies embeddings by a linear probe: multinomial logistic regression on
// what a model gives, the model left as it is. It is the customary protocol of
// self-supervised learning beside nearest neighbours, which are what the paper reports.
//
// Let rows x have dim values, their mean μ, and their mean squared distance from it s². A
// probe of C classes minimises
//
//	mean cross-entropy of softmax(W·(x − μ)/s + b) + strength/2 · ‖W‖²
//
// over W, C × dim, and over b, C values that cost nothing. Centring and scaling are of all
// values together: they turn nothing, stretch nothing, and make a strength mean the same for
// embeddings of any length. (LogisticRegression of scikit-learn reaches the same optimum on n
// rows with its C = 1/(n·s²·strength).) The strength is chosen on rows held out from those
// given, and the probe is then trained on all of them.
//
// Rows are kept in 8 bits, each with its own scale: n·dim bytes, which are read twice a step
// of the solver. Where the processor multiplies bytes, products with them are of exact
// integers: weights and residuals are numbers of 24 bits, three digits of 8 (bytes.go). The
// solver is L-BFGS. It searches along a line exactly, at the cost of no pass through the rows,
// as the logits are linear along it (lbfgs.go).
//
// Every sum has an order of its own, so that a probe depends neither on the number of workers
// nor on the order in which rows are set.
package probe
