package main

import "testing"

func TestArea(t *testing.T) {
	kinds := []string{photograph, photograph, planted, "dark", planted, photograph}
	// Of the six pairs 3 is above 1 and 2 and equal to 3; 0 is above none.
	if got := area([]float64{1, 2, 3, 99, 0, 3}, kinds); got != 2.5/6 {
		t.Errorf("area %g, want %g", got, 2.5/6)
	}
}
