package probe

// Memory is about how many bytes a Trainer of n rows and its solver take: the rows as bytes, four numbers for each
// row and class, and the steps and gradients of the parameters.
func Memory(n, dim, classes int) float64 {
	stride, k := float64(whole(dim, chunk)), float64(classes)
	const others = 5 // parameters and gradients, beside those remembered
	return float64(n)*(stride+25+16*k) + 4*(2*remembered+others)*k*(stride+1)
}
