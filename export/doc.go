// Package export writes what a model computes in the formats other tools read.
package export
