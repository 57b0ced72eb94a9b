package cooccur

// steps tells how far a search for coordinates is. Nobody knows how many vectors it takes: about three for each
// that is wanted, and where these are not enough a tenth more.
type steps struct {
	progress    func(done, total int) // may be nil
	done, total int
}

// stepsFor are those to so many coordinates.
func stepsFor(wanted int, progress func(done, total int)) *steps {
	s := &steps{progress: progress, total: max(1, 3*wanted)}
	s.at(0)
	return s
}

func (s *steps) at(done int) {
	for s.done = done; s.total <= done; {
		s.total += max(1, s.total/10)
	}
	if s.progress != nil {
		s.progress(done, s.total)
	}
}

// end says that these were all. A small problem is solved without steps.
func (s *steps) end() {
	if s.done == 0 {
		s.done = s.total
	}
	if s.progress != nil {
		s.progress(s.done, s.done)
	}
}
