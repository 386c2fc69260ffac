package value

import (
	"slices"
	"strings"
)

// Term is a word or phrase that is looked for in _raw. It is found where it
// stands between breakers, by which Splunk cuts events into terms: the major
// ones first, and what is between these by the minor ones (segmenters.conf). A *
// stands for any characters but major breakers; within a phrase, which has some
// itself, for those too. So foo is foo in foo-bar, and not in foobar; *foo* is in
// both.
type Term struct {
	Pattern
	inWord bool // the * may not cross a major breaker
	whole  bool // nothing but it stands between two major breakers
	cased  bool // its case counts
}

const (
	majorBreakers = "[]<>(){}|!;,'\"*\n\r \t\v\f&?+"
	minorBreakers = "/:=@.-$#%\\_"
)

// encodedBreakers are major breakers as addresses write them.
var encodedBreakers = []string{"%21", "%26", "%3b", "%7c", "%20", "%2b", "%3d", "%5d", "%5b", "%3a", "%0a", "%2c",
	"%28", "%29"}

var isMajor, isBreaker [256]bool

func init() {
	for _, c := range []byte(majorBreakers) {
		isMajor[c], isBreaker[c] = true, true
	}
	for _, c := range []byte(minorBreakers) {
		isBreaker[c] = true
	}
}

// NewTerm reads a word or phrase.
func NewTerm(text string) Term {
	t := Term{Pattern: NewPattern(text)}
	if t.parts == nil {
		t.parts, t.ascii = []string{strings.ToLower(text)}, IsASCII(text)
	}
	t.inWord = len(t.parts) > 1 && !slices.ContainsFunc(t.parts, hasMajor)
	return t
}

// NewWhole reads a term that is one with its minor breakers: TERM(10.0.0.1) is in
// "from 10.0.0.1 to" and not in "ip=10.0.0.1". A phrase with major breakers is read as
// NewTerm reads it, for it is no term.
func NewWhole(text string) Term {
	t := NewTerm(text)
	t.whole = !slices.ContainsFunc(t.parts, hasMajor)
	return t
}

// NewCased reads a word or phrase whose case counts.
func NewCased(text string) Term {
	t := NewTerm(text)
	t.cased, t.parts = true, strings.Split(text, "*")
	return t
}

func hasMajor(s string) bool { return nextMajor(s) < len(s) }

// nextMajor is where the next major breaker is, or the end.
func nextMajor(s string) int {
	for i := 0; i < len(s); i++ {
		if isMajor[s[i]] {
			return i
		}
	}
	return len(s)
}

// Anywhere says that the term is found wherever its text stands, as *text* is.
func (t *Term) Anywhere() bool {
	return len(t.parts) == 3 && t.parts[0] == "" && t.parts[2] == ""
}

// Find says whether the term stands in a text.
func (t *Term) Find(raw string) bool {
	if !t.ascii && !t.cased {
		raw = strings.ToLower(raw)
	}
	if !t.whole && (!t.inWord || t.Anywhere()) {
		return t.findIn(raw)
	}
	for raw != "" {
		end := nextMajor(raw)
		if end > 0 && (t.whole && t.is(raw[:end]) || !t.whole && t.findIn(raw[:end])) {
			return true
		}
		raw = raw[min(end+1, len(raw)):]
	}
	return false
}

// is says whether a text is the term, from end to end.
func (t *Term) is(s string) bool {
	if len(t.parts) == 1 {
		return strings.EqualFold(s, t.parts[0])
	}
	return t.glob(s)
}

// findIn takes the leftmost place for each part, which leaves the most room
// for those that follow.
func (t *Term) findIn(s string) bool {
	at, last := 0, len(t.parts)-1
	for k, part := range t.parts {
		if part == "" {
			continue
		}
		i := t.indexPart(s, at, part, k == 0, k == last)
		if i < 0 {
			return false
		}
		at = i + len(part)
	}
	return true
}

// indexPart finds part in s from at on; head and tail ask that it starts and
// ends where a term does.
func (t *Term) indexPart(s string, at int, part string, head, tail bool) int {
	index := indexFold
	if t.cased {
		index = strings.Index
	}
	for {
		i := index(s[at:], part)
		if i < 0 {
			return -1
		}
		i += at
		end := i + len(part)
		if (!head || !joins(s, i)) && (!tail || !joins(s, end)) {
			return i
		}
		at = i + 1
	}
}

// joins says whether no term ends at i: neither what stands before it is a breaker
// nor what stands behind.
func joins(s string, i int) bool {
	if i == 0 || i == len(s) || isBreaker[s[i-1]] || isBreaker[s[i]] {
		return false
	}
	return i < 3 || s[i-3] != '%' || !slices.ContainsFunc(encodedBreakers, func(b string) bool {
		return HasPrefixFold(s[i-3:i], b)
	})
}
