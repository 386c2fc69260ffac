package search

import (
	"strings"
	"unicode/utf8"

	"escutcheon/detection/spl"
)

// Suggestion is what may be written at a place of a search.
type Suggestion struct {
	Kind   string `json:"kind"`  // command, function, field, value, lookup or macro
	Text   string `json:"text"`  // its name, or the value itself
	About  string `json:"about"` // what it does; of a field or value how many events have it
	Insert string `json:"insert"`
}

// Suggestions are what may stand in the place of the text from From up to To, which
// are counted in characters.
type Suggestions struct {
	From  int          `json:"from"`
	To    int          `json:"to"`
	Items []Suggestion `json:"items"`
}

// mostSuggested is how many there are at most.
const mostSuggested = 20

// Complete says what may be written at a place of a search, which is counted in
// characters. Its macros and lookups are those of env; what events say is told by seen;
// nil for not yet known.
func Complete(env spl.Env, text string, at int, seen *Seen) Suggestions {
	cut := byteOf(text, at)
	p := placeAt(text[:cut])
	end := cut + restOf(text[cut:], p.quoted)
	if p.wants == wantsMacro && strings.HasPrefix(text[end:], "`") {
		end++
	}
	seen = seen.Of(p.index)
	out := Suggestions{From: utf8.RuneCountInString(text[:p.from]), To: utf8.RuneCountInString(text[:end]),
		Items: []Suggestion{}}
	add := func(items []Suggestion) {
		out.Items = append(out.Items, items[:min(len(items), mostSuggested-len(out.Items))]...)
	}
	switch p.wants {
	case wantsCommand:
		add(commandsLike(p))
	case wantsValue:
		add(valuesLike(p, seen))
	case wantsExpression, wantsAggregate:
		if p.like != "" || p.wants == wantsAggregate {
			add(functionsLike(p))
		}
		add(fieldsLike(p, seen))
	case wantsLookup:
		add(lookupsLike(env, p))
	case wantsMacro:
		add(macrosLike(env, p))
	case wantsField, wantsTerm:
		add(columnsLike(env, p))
		if !p.apart {
			add(fieldsLike(p, seen))
		}
	}
	if len(out.Items) == 1 && out.Items[0].Insert == text[p.from:end] {
		out.Items = out.Items[:0] // it is there
	}
	return out
}

// byteOf is where the n-th character of a text begins.
func byteOf(text string, n int) int {
	for i := range text {
		if n <= 0 {
			return i
		}
		n--
	}
	return len(text)
}

// restOf is how much of the text behind a place belongs to what stands before.
func restOf(text string, quoted bool) int {
	if quoted {
		for i := 0; i < len(text) && text[i] != '\n' && text[i] != '|'; i++ {
			if text[i] == '\\' {
				i++
			} else if text[i] == '"' {
				return i + 1
			}
		}
		return 0
	}
	return len(text) - len(strings.TrimLeftFunc(text, func(r rune) bool {
		return r == '_' || r == '.' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z'
	}))
}

func commandsLike(p place) (out []Suggestion) {
	for _, c := range spl.Commands() {
		if strings.HasPrefix(c.Name, strings.ToLower(p.like)) && (p.first || !c.First) {
			about := c.Summary
			if c.Usage != "" {
				about = c.Name + " " + c.Usage + ": " + about
			}
			out = append(out, Suggestion{"command", c.Name, about, c.Name + " "})
		}
	}
	return out
}

func functionsLike(p place) (out []Suggestion) {
	for _, f := range spl.Functions() {
		if !strings.HasPrefix(f.Name, strings.ToLower(p.like)) || p.wants == wantsExpression && !f.Eval ||
			p.wants == wantsAggregate && !f.Stats {
			continue
		}
		out = append(out, Suggestion{"function", f.Name, f.Name + f.Usage + ": " + f.Summary, f.Name + "("})
	}
	return out
}

func fieldsLike(p place, seen *Seen) (out []Suggestion) {
	if seen == nil || p.wants == wantsTerm && p.like == "" {
		return nil
	}
	for _, f := range seen.Names(p.like, mostSuggested) {
		s := Suggestion{"field", f.Value, seen.of(f.Count, seen.Sampled), spl.QuoteName(f.Value)}
		switch {
		case p.wants == wantsTerm:
			s.Insert += "="
		case p.wants == wantsExpression && s.Insert != f.Value:
			if strings.Contains(f.Value, "'") {
				continue // an expression cannot name it
			}
			s.Insert = "'" + f.Value + "'"
		}
		out = append(out, s)
	}
	return out
}

func valuesLike(p place, seen *Seen) (out []Suggestion) {
	if p.field == indexField {
		for _, v := range append([]string{"main"}, apartIndexes...) {
			if strings.HasPrefix(v, strings.ToLower(p.like)) {
				out = append(out, Suggestion{"value", v, "", v + " "})
			}
		}
		return out
	}
	if seen == nil {
		return nil
	}
	for _, v := range seen.Values(p.field, p.like, mostSuggested) {
		s := Suggestion{"value", v.Value, seen.of(v.Count, 0), spl.QuoteValue(v.Value)}
		if p.expression && s.Insert == v.Value && strings.Trim(v.Value, "0123456789") != "" {
			s.Insert = `"` + v.Value + `"`
		}
		if !p.list {
			s.Insert += " "
		}
		out = append(out, s)
	}
	return out
}
