package shapes

import (
	"fmt"
	"io"
)

// Text writes what was measured with tabs between columns.
func Text(w io.Writer, measured []Set) {
	fmt.Fprintln(w, "vectors\tpoints\tvalues\tdims\tmethod\ttrust\tcontinuity\ttime")
	for _, s := range measured {
		for i, m := range s.Methods {
			head := "\t\t\t"
			if i == 0 {
				head = fmt.Sprintf("%s\t%d\t%d\t%d", s.Name, s.Points, s.Values, s.Dims)
			}
			fmt.Fprintf(w, "%s\t%s\t%.4f\t%.4f\t%.2f s\n", head, m.Name, m.Trust, m.Continuity, m.Seconds)
		}
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "vectors\tangle to eigenmaps\tnew points off by\tsame neighbours\tmore points\tfit\twith embeddings\tfastest peer")
	for _, s := range measured {
		more, fit, long := "–", "–", "–"
		if s.Many > 0 {
			more, fit, long = fmt.Sprint(s.Many), fmt.Sprintf("%.2f s", s.LongFit), fmt.Sprintf("%.2f s", s.Long)
		}
		name, fastest := s.fastest()
		fmt.Fprintf(w, "%s\t%.1f° of %d\t%.1f %%\t%.0f %%\t%s\t%s\t%s\t%s, %.2f s for %d\n", s.Name, s.Angle, s.Maps, 100*s.New, 100*s.Same, more, fit, long, name, fastest, s.Points)
	}
	for _, s := range measured {
		if len(s.Seeds) > 0 {
			fmt.Fprintln(w)
			fmt.Fprintf(w, "%s by seed\tsmt trust\tcontinuity\tIsomap trust\tcontinuity\n", s.Name)
		}
		for _, x := range s.Seeds {
			fmt.Fprintf(w, "%d\t%.6f\t%.6f\t%.6f\t%.6f\n", x.Seed, x.SMT.Trust, x.SMT.Continuity, x.Isomap.Trust, x.Isomap.Continuity)
		}
	}
}

// fastest is the peer that took the least time.
func (s Set) fastest() (name string, seconds float64) {
	for _, m := range s.Methods[1:] {
		if name == "" || m.Seconds < seconds {
			name, seconds = m.Name, m.Seconds
		}
	}
	return name, seconds
}
