package value

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Term is a word or phrase that is looked for in _raw. It is found where it
// stands between characters that are no letters and no digits, as Splunk cuts
// events into terms; a * reaches over what is no white space.
type Term struct {
	Pattern
	inWord bool // the * may not cross white space
}

// NewTerm reads a word or phrase.
func NewTerm(text string) Term {
	t := Term{Pattern: NewPattern(text)}
	if t.parts == nil {
		t.parts, t.ascii = []string{strings.ToLower(text)}, IsASCII(text)
	}
	t.inWord = len(t.parts) > 1 && !strings.ContainsFunc(text, unicode.IsSpace)
	return t
}

// Find says whether the term stands in a text.
func (t *Term) Find(raw string) bool {
	if !t.ascii {
		raw = strings.ToLower(raw)
	}
	if !t.inWord {
		return t.findIn(raw)
	}
	for word := range strings.FieldsSeq(raw) {
		if t.findIn(word) {
			return true
		}
	}
	return false
}

// findIn takes the leftmost place for each part, which leaves the most room
// for those that follow.
func (t *Term) findIn(s string) bool {
	at, last := 0, len(t.parts)-1
	for k, part := range t.parts {
		if part == "" {
			continue
		}
		i := indexPart(s, at, part, k == 0, k == last)
		if i < 0 {
			return false
		}
		at = i + len(part)
	}
	return true
}

// indexPart finds part in s from at on; head and tail ask that it starts and
// ends where a term does.
func indexPart(s string, at int, part string, head, tail bool) int {
	for {
		i := indexFold(s[at:], part)
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

// joins says whether letters or digits meet at i, so that no term ends there.
func joins(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i:])
	return isTermRune(before) && isTermRune(after)
}

func isTermRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
