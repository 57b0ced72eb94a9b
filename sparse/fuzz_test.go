package sparse

import (
	"testing"

	"github.com/sparse-manifold/smt/internal/rapidtest"
)

// Whatever patches and dictionaries there are, the atoms that the kernels are given
// increase and are atoms, which a checked build looks at, and codes are as defined.
func FuzzEncode(f *testing.F) { rapidtest.Fuzz(f, codesAgree) }

func FuzzEncodeMirrored(f *testing.F) { rapidtest.Fuzz(f, mirroredCodesAgree) }

// Whatever units, dictionaries and λ there are, L1 codes are minima.
func FuzzL1(f *testing.F) { rapidtest.Fuzz(f, l1Agrees) }
