package judge

import "testing"

// Predictions are of the test items in their order, have the class and the nearest item that the definition finds, and as
// many of them are right as Top1 says.
func TestPredictions(t *testing.T) {
	bank, test := draw(90, 3), draw(40, 4)
	for _, flips := range []bool{false, true} {
		p := Paper(flips)
		p.K = 9
		e, err := Evaluate(t.Context(), bank, test, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		near := nearest(bank.Set.(rows), test.Set.(rows), p)
		right := 0
		for i, got := range e.Predictions() {
			if first := near[i][0]; got.Nearest != first.index || got.Flip != first.flip || !(got.Share > 0) {
				t.Errorf("item %d: %+v, want item %d, flip %v", i, got, first.index, first.flip)
			}
			if got.Voted == test.Labels.Label(i) {
				right++
			}
		}
		if n := len(e.Predictions()); n != 40 || float64(right)/40 != e.Top1 {
			t.Errorf("%d of %d are right, and top-1 is %g", right, n, e.Top1)
		}
	}
}
