package index

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"escutcheon/detection/spl/value"
)

// pieceOf are the forms of the longest text without a wildcard in a value; none when
// there is none that any field with this value must hold.
func pieceOf(v string) []string {
	p := value.NewPattern(v)
	if p.IsNumber() || p.IsRange() {
		return nil
	}
	return longest(v)
}

// longest are the forms of the longest text without a wildcard in a value or term;
// none when it is in everything. Letters beyond ASCII have a form for each case.
func longest(v string) []string {
	best, weight := "", 0
	for part := range strings.SplitSeq(strings.ToLower(v), "*") {
		if w := weightOf(part); w > weight {
			best, weight = part, w
		}
	}
	if weight < minText {
		return nil
	}
	return formsOf(clipped(best))
}

// weightOf is how much a text turns away: its bytes; letters beyond ASCII are rare, and
// one is as good as a word.
func weightOf(s string) int {
	if !utf8.ValidString(s) {
		return 0
	}
	if !value.IsASCII(s) && len(s) >= minForeign {
		return max(len(s), foreignWeight)
	}
	return len(s)
}

// clipped are the last bytes of a text, from where a character begins.
func clipped(s string) string {
	at := max(len(s)-maxTextLen, 0)
	for at < len(s) && !utf8.RuneStart(s[at]) {
		at++
	}
	return s[at:]
}

// maxForms bounds how many forms a text has.
const maxForms = 16

// formsOf are the ways in which a text in lower case may stand in a value, but for the
// case of ASCII letters, which is not looked at; none where there are too many.
func formsOf(s string) []string {
	forms := []string{""}
	for _, r := range s {
		var next []string
		for _, form := range forms {
			for q := r; ; {
				next = append(next, form+lowerASCII(q))
				if q = unicode.SimpleFold(q); q == r || r < utf8.RuneSelf {
					break
				}
			}
		}
		if forms = next; len(forms) > maxForms {
			return nil
		}
	}
	return forms
}

// lowerASCII is a character, of the letters of ASCII the small one.
func lowerASCII(r rune) string {
	if r < utf8.RuneSelf {
		r = unicode.ToLower(r)
	}
	return string(r)
}
