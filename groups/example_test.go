package groups_test

import (
	"fmt"

	"github.com/sparse-manifold/smt/groups"
)

// Five items in three groups, which nearly agree with their labels: 0 for cats, 1 for dogs.
func ExampleAgree() {
	a := groups.Agree([]int{0, 0, 1, 1, 2}, []int{0, 0, 1, 1, 1})
	fmt.Printf("NMI %.2f, adjusted Rand index %.2f, matched %.0f %%\n", a.NMI, a.Rand, 100*a.Matched)
	// Output:
	// NMI 0.78, adjusted Rand index 0.55, matched 80 %
}
