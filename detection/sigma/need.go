package sigma

import (
	"regexp/syntax"
	"strings"
)

const (
	leastNeed = 3  // bytes: a shorter text stands in nearly everything
	mostNeeds = 30 // texts
)

// needed are texts of which whatever a regular expression matches holds at least
// one, whatever the case of its letters; none where that cannot be said.
func needed(re string) []string {
	tree, err := syntax.Parse(re, syntax.Perl)
	if err != nil {
		return nil
	}
	return neededOf(tree)
}

func neededOf(x *syntax.Regexp) []string {
	switch x.Op {
	case syntax.OpLiteral:
		return longestASCII(x.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return neededOf(x.Sub[0])
	case syntax.OpRepeat:
		if x.Min > 0 {
			return neededOf(x.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range x.Sub {
			if texts := neededOf(sub); tellsMore(texts, best) {
				best = texts
			}
		}
		return best
	case syntax.OpAlternate:
		return neededOfEach(x.Sub)
	}
	return nil
}

func neededOfEach(subs []*syntax.Regexp) (all []string) {
	for _, sub := range subs {
		texts := neededOf(sub)
		if len(texts) == 0 || len(all)+len(texts) > mostNeeds {
			return nil
		}
		all = append(all, texts...)
	}
	return all
}

// longestASCII is the longest piece of a literal whose case is simple.
func longestASCII(runes []rune) []string {
	best, from := "", 0
	for i := 0; i <= len(runes); i++ {
		if i < len(runes) && runes[i] < 0x80 && runes[i] >= ' ' {
			continue
		}
		if i-from > len(best) {
			best = string(runes[from:i])
		}
		from = i + 1
	}
	if len(strings.Trim(best, "*")) < leastNeed {
		return nil
	}
	return []string{best}
}

// tellsMore says whether a list of texts turns away more than another: its shortest
// is longer.
func tellsMore(a, b []string) bool {
	shortest := func(l []string) int {
		n := 0
		for i, s := range l {
			if i == 0 || len(s) < n {
				n = len(s)
			}
		}
		return n
	}
	return len(a) > 0 && (len(b) == 0 || shortest(a) > shortest(b))
}
