package readout

import "github.com/sparse-manifold/smt/internal/shuffle"

const (
	// mostFolds is the number of times that a tenth of the labelled items are held out, so that each is once where labels are few. enoughHeld is
	// the number of items held out from which on no more of them are.
	mostFolds  = 10
	enoughHeld = 1000
	// mostHeld is the number of labelled items that are held out at a time at most.
	mostHeld = 2000
	// mostFolded is the number of items of a kernel above which one tenth alone is held out: each one more is as much to solve for as all labels.
	mostFolded = 10_000
	heldSeed   = 6
)

// leastLabels is the number of labels that a ridge wants, and leastVotes that from which on some are held out where there is none.
func leastLabels(classes int) int { return max(20, 5*classes) }
func leastVotes(classes int) int  { return max(20, 2*classes) }

// heldAtATime and foldCount are how many of so many labelled items are held out together, and how often others are, where a ridge has a kernel of
// so many items.
func heldAtATime(labelled int) int { return min(mostHeld, max(labelled/mostFolds, 2)) }

func foldCount(labelled int, ridge bool, items int) int {
	if ridge && items > mostFolded {
		return 1
	}
	held := heldAtATime(labelled)
	return min(mostFolds, (enoughHeld+held-1)/held)
}

// foldsOf chooses labelled items to measure scores on, fold by fold, or none if there are few. No item is in two of them.
func foldsOf(labelled []int, classes int, ridge bool, items int) (folds [][]int) {
	if ridge && len(labelled) < leastLabels(classes) || len(labelled) < leastVotes(classes) {
		return nil
	}
	order, held := shuffle.Order(len(labelled), heldSeed), heldAtATime(len(labelled))
	for f := range foldCount(len(labelled), ridge, items) {
		var fold []int
		for _, at := range order[f*held : (f+1)*held] {
			fold = append(fold, labelled[at])
		}
		folds = append(folds, fold)
	}
	return folds
}
