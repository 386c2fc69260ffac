package csvsafe

import (
	"strings"
	"unicode/utf8"

	"escutcheon/unseen"
)

// ends are where a program may see a new cell within one: one that takes the file for
// a table with semicolons or tabs, or does not know of line ends in quotes.
const ends = ";\t\n\r"

// passed is what a program may pass over before it looks whether a formula begins.
func passed(r rune) bool { return r == ' ' || unseen.Rune(r) }

// assigns says whether a character begins a formula wherever a cell may begin: = and @,
// and what programs take for them (Unicode's compatible forms).
func assigns(r rune) bool { return strings.ContainsRune("=@＝＠﹦﹫⁼₌", r) }

// signs says it of + and -, which lines of text begin with too.
func signs(r rune) bool { return strings.ContainsRune("+-＋－﹢﹣⁺₊⁻₋−﬩", r) }

// begins says whether a spreadsheet may take a cell for a formula: its first character
// that is seen begins one, or it begins with tab or CR.
func begins(s string) bool {
	if s != "" && (s[0] == '\t' || s[0] == '\r') {
		return true
	}
	for _, r := range s {
		if !passed(r) {
			return assigns(r) || signs(r)
		}
	}
	return false
}

// within changes the apostrophes between what may end a cell within one and a formula
// that begins there: it is told how many there are and says how many there shall be.
func within(s string, change func(n int) int) string {
	at := strings.IndexAny(s, ends)
	if at < 0 || !strings.ContainsFunc(s[at:], assigns) {
		return s
	}
	var b strings.Builder
	kept, quotes := 0, 0 // up to where s is written; apostrophes that stand before at
	for new := true; at < len(s); {
		r, n := utf8.DecodeRuneInString(s[at:])
		switch {
		case strings.ContainsRune(ends, r):
			new, quotes = true, 0
		case !new:
		case r == '\'':
			quotes++
		case assigns(r):
			b.WriteString(s[kept : at-quotes])
			b.WriteString(strings.Repeat("'", change(quotes)))
			kept, new = at, false
		case quotes > 0 || !passed(r):
			new = false
		}
		at += n
	}
	b.WriteString(s[kept:])
	return b.String()
}
