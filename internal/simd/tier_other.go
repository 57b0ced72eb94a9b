//go:build !amd64 || purego

package simd

// tiers lists what this build can run.
func tiers() []tier { return []tier{genericTier} }
