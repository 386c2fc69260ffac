package sigma

import (
	"strconv"
	"strings"
)

// field is what a rule's field is called in the events of its log source.
type field struct {
	name string // in the rule
	// names are those of the events: an event has at most one of them, but where
	// code says of which events a name speaks.
	names []eventField
	// as is a field that events have for whichever of names they have, unless it is
	// a lone dash; "" where there is none.
	as string
}

// eventField is a field of events.
type eventField struct {
	name string
	code int64                   // only in events of this code means it that; 0 for all
	made func(pattern) []pattern // what the rule's values are in it; nil: the same
}

// parseField reads an entry of the table of log sources: names of events, a code and
// a colon before one that means it in such events alone, # and a function behind one
// whose values differ, and = before the one that stands for all of them.
func parseField(name, text string) *field {
	f := &field{name: name}
	for word := range strings.FieldsSeq(text) {
		if as, ok := strings.CutPrefix(word, "="); ok {
			f.as = as
			continue
		}
		var e eventField
		word, made, _ := strings.Cut(word, "#")
		e.made = makers[made]
		if code, rest, ok := strings.Cut(word, ":"); ok {
			e.code, _ = strconv.ParseInt(code, 10, 64)
			word = rest
		}
		e.name = strings.ReplaceAll(word, "+", " ")
		f.names = append(f.names, e)
	}
	return f
}

// only lets a condition on an event's field hold in the events that it is of.
func (e eventField) only(c cond) cond {
	if e.code == 0 {
		return c
	}
	return and(glob{field: codeField, p: plain(strconv.FormatInt(e.code, 10))}, c)
}

const codeField = "EventCode"

// each asks the same of whichever of its names the field has in an event.
func (f *field) each(of func(name string) cond) cond {
	parts := make([]cond, len(f.names))
	for i, e := range f.names {
		parts[i] = e.only(of(e.name))
	}
	return or(parts...)
}

// there says that the field is there.
func (f *field) there() cond {
	return f.each(func(name string) cond { return glob{field: name, p: pattern{{kind: anyRun}}} })
}

// globs asks that the field is what a pattern says.
func (f *field) globs(p pattern, cased bool) cond {
	if f.as != "" && !p.mayBeDash() {
		return or(f.made(f.as, p, cased)...)
	}
	var parts []cond
	for _, e := range f.names {
		if c := e.globs(p, cased); c != nil {
			parts = append(parts, e.only(c))
		}
	}
	return or(parts...)
}

// made asks one field for what the values are in any of the events' fields.
func (f *field) made(as string, p pattern, cased bool) (parts []cond) {
	seen := map[string]bool{}
	for _, e := range f.names {
		for _, q := range e.patterns(p) {
			g := glob{as, q, cased}
			if text := g.eval(); !seen[text] {
				seen[text] = true
				parts = append(parts, g)
			}
		}
	}
	return parts
}

func (e eventField) globs(p pattern, cased bool) cond {
	var parts []cond
	for _, q := range e.patterns(p) {
		parts = append(parts, glob{e.name, q, cased})
	}
	return or(parts...)
}

func (e eventField) patterns(p pattern) []pattern {
	if e.made == nil {
		return []pattern{p}
	}
	return e.made(p)
}

// pairs asks something of two fields, in each event by the names that both have in it.
func (f *field) pairs(other *field, of func(a, b string) cond) cond {
	var parts []cond
	for _, a := range f.names {
		for _, b := range other.names {
			if a.code == b.code || a.code == 0 || b.code == 0 {
				parts = append(parts, a.only(b.only(of(a.name, b.name))))
			}
		}
	}
	return or(parts...)
}
