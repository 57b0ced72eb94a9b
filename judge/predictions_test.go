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
		i, right := 0, 0
		for got, err := range e.Predictions() {
			if err != nil {
				t.Fatal(err)
			}
			first := near[i][0]
			id, _ := test.ID(i)
			of, _ := bank.ID(first.index)
			if got.ID != id || got.Nearest != of || got.Flip != first.flip || got.Label != test.Labels.Label(i) || !(got.Share > 0) {
				t.Errorf("item %d: %+v, want %s near %s, flip %v", i, got, id, of, first.flip)
			}
			if got.Voted == got.Label {
				right++
			}
			i++
		}
		if i != 40 || float64(right)/40 != e.Top1 {
			t.Errorf("%d of %d are right, and top-1 is %g", right, i, e.Top1)
		}
	}
}
