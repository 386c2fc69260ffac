package spl

import (
	"strconv"
	"strings"
)

// How commands write themselves: as little in quotes as can be, so that what
// they write reads as the same again.

// isPlain says whether a text may stand without quotes wherever a name or a
// value is read: it starts with a letter, _ or *, and is no word that some
// command looks for.
func isPlain(s string) bool {
	if s == "" || '0' <= s[0] && s[0] <= '9' || strings.IndexByte(".:@$-/", s[0]) >= 0 || keywords[strings.ToLower(s)] {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isWordByte(s[i]) && strings.IndexByte("*.:@$-/", s[i]) < 0 && !(s[i] == '{' && strings.HasPrefix(s[i:], "{}")) &&
			!(s[i] == '}' && i > 0 && s[i-1] == '{') {
			return false
		}
	}
	return true
}

// keywords are words that mean something to the parser where a name or a value
// may stand.
var keywords = map[string]bool{"as": true, "by": true, "groupby": true, "and": true, "or": true, "not": true,
	"in":     true,
	"output": true, "outputnew": true, "sortby": true, "desc": true, "d": true, "eval": true}

// nameText writes a field's name.
func nameText(s string) string {
	if isPlain(s) {
		return s
	}
	return quoteText(s)
}

// valueText writes a value: as a name, or a number as it is.
func valueText(s string) string {
	if isPlain(s) || isPlainNumber(s) {
		return s
	}
	return quoteText(s)
}

func isPlainNumber(s string) bool {
	if len(s) > 15 || s == "" || s[0] == '.' || s[len(s)-1] == '.' || strings.Count(s, ".") > 1 {
		return false
	}
	return strings.Trim(s, "0123456789.") == ""
}

// quoteText puts a text in quotes. A backslash is doubled only where it would
// be taken for one that quotes.
func quoteText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' && (i+1 == len(s) || s[i+1] == '\\' || s[i+1] == '"') {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// nameList writes names with commas between.
func nameList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = nameText(n)
	}
	return strings.Join(out, ", ")
}

// asText writes " as B" where a field gets another name.
func asText(field, as string) string {
	if field == as {
		return ""
	}
	return " as " + nameText(as)
}

// line is a command that is being written: its words.
type line []string

func newLine(o Origin) *line { return &line{o.Name} }

// add adds words that are not empty.
func (l *line) add(words ...string) *line {
	for _, w := range words {
		if w != "" {
			*l = append(*l, w)
		}
	}
	return l
}

// option adds name=value where the value is not the default.
func (l *line) option(name, value, unless string) *line {
	if value == unless {
		return l
	}
	return l.add(name + "=" + valueText(value))
}

// number is option for a number.
func (l *line) number(name string, n, unless int) *line {
	return l.option(name, strconv.Itoa(n), strconv.Itoa(unless))
}

// flag is option for t and f.
func (l *line) flag(name string, is, unless bool) *line {
	return l.option(name, flagText(is), flagText(unless))
}

func flagText(is bool) string {
	if is {
		return "t"
	}
	return "f"
}

func (l *line) String() string { return strings.Join(*l, " ") }

// QuoteName writes a field's name, and QuoteValue a value, so that both read as
// themselves in the search command and in lists of fields: in quotes where they have
// to be. A * in a value stays one that matches anything.
func QuoteName(s string) string { return nameText(s) }

// QuoteValue writes a value: see QuoteName.
func QuoteValue(s string) string { return valueText(s) }

// QuoteText writes a text in quotes, as expressions have them too.
func QuoteText(s string) string { return quoteText(s) }
