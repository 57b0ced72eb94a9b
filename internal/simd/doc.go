// Package simd holds the loops in which smt spends its time.
//
// The generic Go functions are the specification. Assembly for AVX2, AVX-512 and AVX-512 VNNI
// stands beside them, and is chosen once, at start, by what the processor can do.
// SMT_SIMD=generic|avx2|avx512|vnni forces a tier; the build tag purego leaves only the generic
// one. Command internal/asmgen writes the assembly. `make tiers` runs the tests on each tier that
// the machine has and go test does not take; what tiers agree on is in "What tiers agree on" of docs/reliability.md.
//
// The tile kernels multiply Rows rows of A by a panel of B of Columns() columns. A step of their
// inner loop takes four bytes of each row of A and four bytes of each column of the panel: one
// float32, two int16 or four 8-bit integers. A panel therefore stores, step by step, the four bytes
// of column 0, of column 1 and so on. Products stay in registers to the end, and are then added to
// C, or compared and stored as bits. Strides count elements.
package simd
