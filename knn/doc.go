// Package knn finds exact nearest neighbours under the cosine (paper, section 4). In go
// queries and a bank of embeddings, out come the k neighbours of each query.
//
// The search is exhaustive. The bank is streamed past the queries in blocks, and only the
// best k neighbours of each query are kept: a bank of any size fits in memory. Of equal
// cosines the lower index is nearer, and a vector is nearer than its flip.
//
// # Flips
//
// Vectors come in a basis in which a flip is a change of signs (package pool): e = (u, v),
// with u the even values and v the odd ones, and its flip is (u, −v). For a query
// q = (q_u, q_v)
//
//	cos(q, e) = q_u·u + q_v·v,    cos(q, flip of e) = q_u·u − q_v·v,
//
// two cosines for the price of one. A bank of images and their flips costs the memory and
// the time of the images.
//
// # 8 bits first
//
// Where the processor multiplies bytes faster than floats, all cosines are computed in 8
// bits, and those that may be among the k nearest again in float32. The answer is that of
// float32 (bytes.go).
//
// How far off may a cosine in 8 bits be? ‖x − x̂‖ bounds it, as it does for codes. But of
// 24,576 values that bound is 0.02, a hundred times what ever occurs, and a tenth of the bank
// would be in question. So values are rounded at random, up with the probability of their
// fraction. Errors are then independent and zero on average, and Hoeffding's inequality gives
// a bound of 0.003 that fails once in 10¹⁸ pairs.
//
// What rounding and layout make of a bank depends on its vectors and their indices alone. For
// many searches of a few queries a Bank has both done once; it finds the same to the last bit.
// One query among 2,500 images of CIFAR-10 takes 0.5 ms, not 9.4.
//
// # Files
//
// A file that is searched by any machine cannot have the panels of one kind of processor. Rounded is the layout for it,
// one vector after the other. For few queries a search is as slow as memory is read, and a Scan reads little: vectors
// in 4 bits first, in 8 those that 4 leave in question, and in halves those that 8 leave. The bounds are those above.
//
// # Biases
//
// A search may subtract a bias of each vector of the bank from its cosines. Hubs estimates how near each vector is
// to everything, and gives such biases (hubs.go). A biased search is as exact as one without: a bias shifts the score in 8 bits and the one in float32 alike,
// and with them the threshold.
package knn
