package reproduce

import (
	"fmt"
	"runtime"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/revision"
	"github.com/sparse-manifold/smt/internal/simd"
)

// Machine is what a row was run on.
type Machine struct {
	Processor string `json:"processor"`
	Cores     int    `json:"cores"` // that were used
	Memory    int64  `json:"memory_bytes"`
	Tier      string `json:"tier"` // of kernels
}

func thisMachine() Machine {
	return Machine{simd.Processor(), runtime.GOMAXPROCS(0), memory.Total(), simd.Tier()}
}

func (m Machine) String() string {
	return fmt.Sprintf("%s, %s, %s, %s", m.Processor, plural.Of(m.Cores, "core"), gib(m.Memory), m.Tier)
}

// builtFrom is the revision of the source the program was built from, "modified" if there
// were changes since, or the version where the build does not tell.
func builtFrom() string {
	hash, modified := revision.Of()
	switch {
	case hash == "":
		return smt.Version
	case modified:
		return hash + " modified"
	}
	return hash
}
