package search

import (
	"cmp"
	"strings"

	"escutcheon/detection/spl"
	"escutcheon/detection/spl/value"
)

// Narrow is a search with one more condition on the events that it starts from: that a
// field has a value, or has it not. It finds the events that FieldCount counts for that
// value, and no others.
func Narrow(text, field string, v ValueCount, not bool) string {
	if exact(field, v) {
		return with(text, "", whereOf(field, v.Value, not))
	}
	return WithTerm(text, termOf(field, v, not))
}

// WithTerm is a search with one more term.
func WithTerm(text, term string) string { return with(text, term, "") }

// with is a search with a term, or with a command behind its terms.
func with(text, term, command string) string {
	at, made := termsEnd(text)
	terms, rest := strings.TrimSpace(text[:at]), text[at:]
	if made && command == "" { // a command made the events: there are no terms before it
		command = "search " + term
	}
	if !made {
		if terms == "*" && term != "" {
			terms = ""
		}
		terms = strings.TrimSpace(terms + " " + term)
	}
	if command != "" {
		terms = cmp.Or(terms, "*") + " | " + command
	}
	if rest != "" {
		terms += " "
	}
	return terms + rest
}

// termsEnd is where the pipe stands that follows what events a search starts from: its
// terms, or the command that makes them.
func termsEnd(text string) (at int, made bool) {
	depth := 0
	for i, t := range spl.Tokens(text) {
		switch {
		case t.Kind == spl.PipeToken && depth == 0 && i == 0:
			made = true
		case t.Kind == spl.PipeToken && depth == 0:
			return t.From, made
		case t.Kind == spl.BracketToken && text[t.From] == '[':
			depth++
		case t.Kind == spl.BracketToken:
			depth--
		}
	}
	return len(text), made
}

// exact says whether a term would find other values too: those that a * in it stands
// for, addresses of a range.
func exact(field string, v ValueCount) bool {
	p := value.NewPattern(v.Value)
	return (p.Wild() || p.IsRange()) && !v.Cut && !strings.Contains(field, "'")
}

func termOf(field string, v ValueCount, not bool) string {
	s := spl.QuoteName(field) + "="
	if v.Cut {
		s += spl.QuoteValue(v.Value + "*")
	} else {
		s += spl.QuoteValue(v.Value)
	}
	if not {
		return "NOT " + s
	}
	return s
}

// whereOf compares to the letter.
func whereOf(field, v string, not bool) string {
	name, quoted := "'"+field+"'", spl.QuoteText(v)
	if not {
		return "where isnull(" + name + ") OR " + name + "!=" + quoted
	}
	return "where " + name + "=" + quoted
}
