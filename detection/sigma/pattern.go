package sigma

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// token is a piece of a pattern: a text, any run of characters, or any one.
type token struct {
	kind tokenKind
	text string
}

type tokenKind int

const (
	textToken tokenKind = iota
	anyRun              // *
	anyOne              // ?
	valueList           // %name% behind expand, till its values stand there
)

// pattern is a value that texts are compared with.
type pattern []token

// readPattern reads a value: * and ? are wildcards, a backslash before one of them
// or before another backslash takes its meaning, and is a backslash elsewhere.
func readPattern(s string) (p pattern) {
	var text strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && strings.IndexByte(`*?\`, s[i+1]) >= 0:
			i++
			text.WriteByte(s[i])
		case c == '*' || c == '?':
			p = p.addText(text.String())
			text.Reset()
			p = append(p, token{kind: map[byte]tokenKind{'*': anyRun, '?': anyOne}[c]})
		default:
			text.WriteByte(c)
		}
	}
	return p.addText(text.String())
}

func plain(s string) pattern { return pattern{}.addText(s) }

func (p pattern) addText(s string) pattern {
	switch n := len(p); {
	case s == "":
		return p
	case n > 0 && p[n-1].kind == textToken:
		q := append(pattern{}, p...)
		q[n-1].text += s
		return q
	}
	return append(p[:len(p):len(p)], token{text: s})
}

// open puts any run before the pattern, or behind it.
func (p pattern) open(before, behind bool) pattern {
	var q pattern
	if before && (len(p) == 0 || p[0].kind != anyRun) {
		q = append(q, token{kind: anyRun})
	}
	q = append(q, p...)
	if behind && (len(q) == 0 || q[len(q)-1].kind != anyRun) {
		q = append(q, token{kind: anyRun})
	}
	return q
}

// literal is the text of a pattern without wildcards.
func (p pattern) literal() (string, bool) {
	var b strings.Builder
	for _, t := range p {
		if t.kind != textToken {
			return "", false
		}
		b.WriteString(t.text)
	}
	return b.String(), true
}

// onlyRuns says whether the pattern is nothing but any run: every value that is
// there.
func (p pattern) onlyRuns() bool {
	for _, t := range p {
		if t.kind != anyRun {
			return false
		}
	}
	return len(p) > 0
}

// sayable says whether the search command can say the pattern: it knows * alone, and
// no way to mean one.
func (p pattern) sayable() bool {
	for _, t := range p {
		if t.kind == anyOne || strings.Contains(t.text, "*") || hasControl(t.text) {
			return false
		}
	}
	return true
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' })
}

// search is the pattern as the search command has it, which matches at least what
// the pattern matches.
func (p pattern) search() string {
	var b strings.Builder
	for _, t := range p {
		if t.kind == textToken {
			b.WriteString(loosened.Replace(t.text))
		} else {
			b.WriteByte('*')
		}
	}
	return b.String()
}

// loosened has any run where the search command has no way to write a character.
var loosened = strings.NewReplacer("\x00", "*", "\n", "*", "\r", "*")

// regex is the pattern as a regular expression over a whole text.
func (p pattern) regex(whole bool) string {
	var b strings.Builder
	for i, t := range p {
		edge := whole && (i == 0 || i == len(p)-1)
		switch t.kind {
		case textToken:
			b.WriteString(quoteRegex(t.text))
		case anyOne:
			b.WriteByte('.')
		case anyRun:
			if !edge {
				b.WriteString(".*")
			}
		}
	}
	text := b.String()
	if whole && (len(p) == 0 || p[0].kind != anyRun) {
		text = "^" + text
	}
	if whole && (len(p) == 0 || p[len(p)-1].kind != anyRun) {
		text += "$"
	}
	return text
}

// likeable says whether like can say the pattern as it is: % and _ mean something
// there, and a backslash before one of them might.
func (p pattern) likeable() bool {
	for i, t := range p {
		if t.kind == anyOne || strings.ContainsAny(t.text, "%_") || hasControl(t.text) ||
			i+1 < len(p) && strings.HasSuffix(t.text, `\`) {
			return false
		}
	}
	return true
}

// like is the pattern as like has it.
func (p pattern) like() string {
	var b strings.Builder
	for _, t := range p {
		if t.kind == textToken {
			b.WriteString(t.text)
		} else {
			b.WriteByte('%')
		}
	}
	return b.String()
}

// quoteRegex writes a text so that a regular expression means it. The end of a line
// and the like are written by number.
func quoteRegex(s string) string {
	var b strings.Builder
	for _, r := range regexp.QuoteMeta(s) {
		if r < ' ' {
			b.WriteString(`\x` + string("0123456789abcdef"[r>>4]) + string("0123456789abcdef"[r&15]))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// mayBeDash says whether a lone dash is what the pattern says.
func (p pattern) mayBeDash() bool {
	text, ones, runs := "", 0, 0
	for _, t := range p {
		switch t.kind {
		case textToken:
			text += t.text
		case anyOne:
			ones++
		case anyRun:
			runs++
		}
	}
	return text == "-" && ones == 0 || text == "" && (ones == 1 || ones == 0 && runs > 0)
}

// valid says whether all of it is text.
func (p pattern) valid() bool {
	for _, t := range p {
		if !utf8.ValidString(t.text) {
			return false
		}
	}
	return true
}
