package judge

// score counts how often the class of an item is found.
type score struct{ items, first, five int }

// add counts an item whose class comes at a place: −1 for one that does not come.
func (s *score) add(place int) {
	s.items++
	if place == 0 {
		s.first++
	}
	if place >= 0 && place < 5 {
		s.five++
	}
}

// accuracy is the fraction of items whose class comes first, and of those whose class is among
// the first five.
func (s *score) accuracy() (top1, top5 float64) {
	return share(s.first, s.items), share(s.five, s.items)
}

// share is n of all, 0 of none.
func share(n, all int) float64 { return float64(n) / float64(max(1, all)) }
