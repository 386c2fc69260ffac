package rx

import (
	"regexp/syntax"
	"strings"
)

// least is what a match has at the least: so many bytes, and one that few texts
// have. Looking for it takes a fraction of what anything else takes.
type least struct {
	bytes int
	rare  byte // 0 for none
}

// rareBytes are signs that most texts do not have, the rarest first.
const rareBytes = "`{}^$|~#@!<>[]%&;+*?()=',\""

func leastOf(pattern string) least {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return least{}
	}
	l := least{bytes: fewest(tree)}
	signs := signsOf(tree)
	for i := range len(rareBytes) {
		if signs.has(rareBytes[i]) {
			l.rare = rareBytes[i]
			break
		}
	}
	return l
}

// in says whether a text may hold a match.
func (l *least) in(s string) bool {
	return len(s) >= l.bytes && (l.rare == 0 || strings.IndexByte(s, l.rare) >= 0)
}

// manyBytes is where counting ends: expressions nest what they repeat.
const manyBytes = 1 << 10

// fewest is how many bytes a match of x has at the least, up to manyBytes.
func fewest(x *syntax.Regexp) (n int) {
	switch x.Op {
	case syntax.OpLiteral:
		n = len(x.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		n = 1
	case syntax.OpCapture, syntax.OpPlus:
		n = fewest(x.Sub[0])
	case syntax.OpRepeat:
		n = x.Min * fewest(x.Sub[0])
	case syntax.OpConcat:
		for _, sub := range x.Sub {
			n += fewest(sub)
		}
	case syntax.OpAlternate:
		n = manyBytes
		for _, sub := range x.Sub {
			n = min(n, fewest(sub))
		}
	}
	return min(n, manyBytes)
}

// signs is a set of characters of ASCII that are no letters, and so have no case.
type signs [2]uint64

func (s signs) has(c byte) bool { return s[c/64]&(1<<(c%64)) != 0 }

// signsOf are those that every match of x has.
func signsOf(x *syntax.Regexp) (out signs) {
	switch x.Op {
	case syntax.OpLiteral:
		for _, r := range x.Rune {
			if c := byte(r); r < 0x80 && ('a' > lower(c) || lower(c) > 'z') {
				out[c/64] |= 1 << (c % 64)
			}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return signsOf(x.Sub[0])
	case syntax.OpRepeat:
		if x.Min > 0 {
			return signsOf(x.Sub[0])
		}
	case syntax.OpConcat:
		for _, sub := range x.Sub {
			of := signsOf(sub)
			out[0], out[1] = out[0]|of[0], out[1]|of[1]
		}
	case syntax.OpAlternate:
		out = signs{^uint64(0), ^uint64(0)}
		for _, sub := range x.Sub {
			of := signsOf(sub)
			out[0], out[1] = out[0]&of[0], out[1]&of[1]
		}
	}
	return out
}
