package dataset

import (
	"slices"
	"strings"
	"unicode"
)

// A kind is what the words of a folder's name say of its images. Of several kinds in one
// name the largest counts: what may be held out is not learned from.
type kind int

const (
	ordinary kind = iota
	training
	unlabelled
	heldOut
)

// Words of names of splits. Where several folders are held out, the first in this order
// is the test split.
var splitWords = map[kind][]string{
	training:   {"train", "training", "trn", "trainval"},
	unlabelled: {"unlabeled", "unlabelled"},
	heldOut: {"test", "tests", "testing", "tst", "eval", "evaluation", "holdout", "heldout",
		"val", "valid", "validation", "dev", "development"},
}

// Words that may be short for a split, or else for a language or a résumé: they are of splits
// where nothing but splits is beside each other.
var faintWords = map[kind][]string{
	training: {"tr"},
	heldOut:  {"te", "ts", "cv", "infer", "inference", "ood"},
}

// Words that tell no class: "test images" is as good a name of a split as "test".
var commonWords = []string{
	"set", "sets", "subset", "split", "data", "dataset", "datasets", "folder", "files",
	"image", "images", "img", "imgs", "photo", "photos", "picture", "pictures", "pics", "jpg", "jpeg", "png",
	"sample", "samples", "labeled", "labelled", "public", "private",
}

// splitName is a folder's name, read as that of a split.
type splitName struct {
	kind kind
	rank int    // of its word among those of the kind
	rest string // the words that are neither of a split nor common; of a plain name none
	bare bool   // the name is one of splitWords
}

func (n splitName) plain() bool { return n.kind != ordinary && n.rest == "" }

// readSplitName reads the words of a name. A word has to be of a split as a whole, so that
// trainer and testament are none.
func readSplitName(name string) splitName { return readWords(name, splitWords) }

// readFaintly is readSplitName for which faint words count too, after the others.
func readFaintly(name string) splitName {
	return readWords(name, map[kind][]string{
		training:   slices.Concat(splitWords[training], faintWords[training]),
		unlabelled: splitWords[unlabelled],
		heldOut:    slices.Concat(splitWords[heldOut], faintWords[heldOut]),
	})
}

func readWords(name string, of map[kind][]string) splitName {
	var n splitName
	var rest []string
	words := nameWords(name)
	for len(words) > 0 {
		k, rank, used := ordinary, 0, 1
		if len(words) > 1 { // hold-out, train_val
			k, rank = splitWord(words[0]+words[1], of)
			used = 2
		}
		if k == ordinary {
			k, rank = splitWord(words[0], of)
			used = 1
		}
		switch {
		case k > n.kind:
			n.kind, n.rank = k, rank
		case k == ordinary && !slices.Contains(commonWords, words[0]):
			rest = append(rest, words[0])
		}
		words = words[used:]
	}
	n.rest = strings.Join(rest, " ")
	n.bare = slices.Contains(splitWords[n.kind], strings.ToLower(name))
	return n
}

// splitWord is the kind of a word, and its place among the words of the kind. A common one
// may be joined to it, as in testset.
func splitWord(word string, of map[kind][]string) (kind, int) {
	for k, words := range of {
		for i, w := range words {
			before, isSuffix := strings.CutSuffix(word, w)
			after, isPrefix := strings.CutPrefix(word, w)
			if word == w || isSuffix && slices.Contains(commonWords, before) || isPrefix && slices.Contains(commonWords, after) {
				return k, i
			}
		}
	}
	return ordinary, 0
}

// nameWords are the runs of letters in a name, in lower case. A capital after a small
// letter begins a word. Single letters of ASCII number things, as the digits do: test_a, 32x32.
func nameWords(name string) []string {
	var words []string
	var word []rune
	end := func() {
		if len(word) > 1 || len(word) == 1 && word[0] > unicode.MaxASCII {
			words = append(words, strings.ToLower(string(word)))
		}
		word = word[:0]
	}
	for _, r := range name {
		if !unicode.IsLetter(r) || len(word) > 0 && unicode.IsLower(word[len(word)-1]) && unicode.IsUpper(r) {
			end()
		}
		if unicode.IsLetter(r) {
			word = append(word, r)
		}
	}
	end()
	return words
}
