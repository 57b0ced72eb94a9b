package pool

// Turn is where a value of the basis of even and odd values comes from: it is (e[From] + Sign·e[With])/√2 of
// an embedding e or, where both are one, e[From].
type Turn struct {
	From, With int
	Sign       float64
}

// Turns are the values that EvenOdd writes, in order. It panics without Parity.
func (l Layout) Turns(rows, cols int) []Turn {
	if l.Parity == nil {
		panic("pool: Turns: the layout has no parity")
	}
	var even, odd []Turn
	for i, m := range l.moves(rows, cols) {
		for j, p := range l.Parity {
			from, with := i*l.Dims+j, m.place*l.Dims+j
			switch {
			case m.place < i: // with the other of the pair
			case m.place > i:
				even = append(even, Turn{from, with, float64(p)})
				odd = append(odd, Turn{from, with, -float64(p)})
			case m.sign*p > 0:
				even = append(even, Turn{from, from, 0})
			default:
				odd = append(odd, Turn{from, from, 0})
			}
		}
	}
	return append(even, odd...)
}
