package rx

import (
	"regexp/syntax"
	"strings"
)

// need is texts of which a match holds at least one, whatever the case of their
// letters. Looking for them takes a fraction of what the engine takes.
type need struct {
	// bits says which beginnings texts have, by a hash of three bytes.
	bits [1 << needBits / 64]uint64
	by   map[uint32][]string // by those bytes; in lower case
}

const (
	needBits  = 12
	leastNeed = 3   // bytes: a shorter text stands in nearly everything
	mostNeeds = 512 // texts
)

// needOf is what a match of an expression needs; nil when that cannot be said.
func needOf(pattern string) *need {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	texts := needed(tree)
	if len(texts) == 0 {
		return nil
	}
	n := &need{by: map[uint32][]string{}}
	for _, t := range texts {
		key := uint32(t[0])<<16 | uint32(t[1])<<8 | uint32(t[2])
		n.by[key] = append(n.by[key], t)
		at := needHash(key)
		n.bits[at/64] |= 1 << (at % 64)
	}
	return n
}

// needed are texts of which a match of x holds at least one; none when it need not
// hold any that are worth looking for.
func needed(x *syntax.Regexp) []string {
	switch x.Op {
	case syntax.OpLiteral:
		return literal(x.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return needed(x.Sub[0])
	case syntax.OpRepeat:
		if x.Min > 0 {
			return needed(x.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range x.Sub {
			if texts := needed(sub); better(texts, best) {
				best = texts
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range x.Sub {
			texts := needed(sub)
			if len(texts) == 0 || len(all)+len(texts) > mostNeeds {
				return nil
			}
			all = append(all, texts...)
		}
		return all
	}
	return nil
}

// literal is a literal in lower case, where it is long enough and has nothing
// but ASCII, whose case is simple.
func literal(runes []rune) []string {
	for _, r := range runes {
		if r >= 0x80 {
			return nil
		}
	}
	if len(runes) < leastNeed {
		return nil
	}
	return []string{strings.ToLower(string(runes))}
}

// better says that some texts are rarer than others: the shortest of them is
// longer, or there are fewer.
func better(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(b) == 0
	}
	if x, y := shortest(a), shortest(b); x != y {
		return x > y
	}
	return len(a) < len(b)
}

func shortest(texts []string) int {
	least := len(texts[0])
	for _, t := range texts {
		least = min(least, len(t))
	}
	return least
}

// in says whether a text may hold what is needed. One with other characters than
// those of ASCII may, as some of them are letters of ASCII in another case.
func (n *need) in(s string) bool {
	var last uint32
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 {
			return true
		}
		last = last<<8&0xffffff | uint32(lower(c))
		if at := needHash(last); n.bits[at/64]&(1<<(at%64)) != 0 && i >= leastNeed-1 {
			for _, t := range n.by[last] {
				if hasLower(s[i-leastNeed+1:], t) {
					return true
				}
			}
		}
	}
	return false
}

func needHash(key uint32) uint32 { return key * 0x9E3779B1 >> (32 - needBits) }

// hasLower says whether s, in lower case, begins with a text.
func hasLower(s, text string) bool {
	if len(s) < len(text) {
		return false
	}
	for i := range len(text) {
		if lower(s[i]) != text[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
