package smt

// counting is c without what statistics do not depend on. A new field is part of their
// identity unless it is cleared here: one forgotten refuses too much, not too little.
func (c Config) counting() Config {
	c.Dims, c.Skip, c.Ridge = 0, 0, 0                 // what is solved
	c.Pool, c.Stride, c.Thin, c.Spectrum = 0, 0, 0, 0 // what is made of an image's codes
	c.Components, c.Power = 0, 0
	return c
}
