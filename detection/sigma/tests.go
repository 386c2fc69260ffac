package sigma

import (
	"net/netip"
	"strings"
)

// glob asks that a field is what a pattern says.
type glob struct {
	field string
	p     pattern
	cased bool
}

func (t glob) search() (string, bool) {
	if t.p.onlyRuns() {
		return fieldName(t.field) + "=*", true
	}
	text := t.p.search()
	exact := !t.cased && t.p.sayable() && (!strings.Contains(text, "/") || !isRange(text))
	return fieldName(t.field) + "=" + valueText(text), exact
}

func (t glob) eval() string {
	ref := refName(t.field)
	text, whole := t.p.literal()
	switch {
	case t.p.onlyRuns():
		return "isnotnull(" + ref + ")"
	case whole && decimal.MatchString(text):
		return ref + "=" + text
	case !t.p.likeable():
		return matchText(ref, t.p.regex(true), t.cased)
	}
	like := t.p.like()
	if !t.cased {
		ref, text, like = "lower("+ref+")", strings.ToLower(text), strings.ToLower(like)
	}
	if whole {
		return ref + "=" + quote(text)
	}
	return "like(" + ref + ", " + quote(like) + ")"
}

// isRange says whether the search command would take a value for a range of
// addresses.
func isRange(s string) bool {
	_, err := netip.ParsePrefix(s)
	return err == nil
}

// matchText asks that a regular expression matches, without case or with it.
func matchText(of, re string, cased bool) string {
	flags := "(?is)"
	if cased {
		flags = "(?s)"
	}
	return "match(" + of + ", " + quote(flags+re) + ")"
}

// expression asks that a regular expression finds something in a field.
type expression struct{ field, re string }

func (t expression) search() (string, bool) {
	texts := needed(t.re)
	if len(texts) == 0 {
		if t.field == raw {
			return "", false
		}
		return fieldName(t.field) + "=*", false
	}
	for i, s := range texts {
		texts[i] = "*" + loosened.Replace(s) + "*"
	}
	if t.field == raw {
		return "", false
	}
	return oneOf(t.field, texts), false
}

func (t expression) eval() string { return "match(" + refName(t.field) + ", " + quote(t.re) + ")" }

// within asks that a field is an address of a range.
type within struct {
	field string
	in    netip.Prefix
}

func (t within) search() (string, bool) {
	return fieldName(t.field) + "=" + quote(t.in.String()), true
}

func (t within) eval() string {
	return "cidrmatch(" + quote(t.in.String()) + ", " + refName(t.field) + ")"
}

// compare asks that a field is a number, and how it compares with another.
type compare struct{ field, op, number string }

func (t compare) search() (string, bool) { return fieldName(t.field) + "=*", false }

func (t compare) eval() string { return "tonumber(" + refName(t.field) + ")" + t.op + t.number }

// same asks that a field is what another is, or begins so, ends so or holds it.
type same struct {
	field, other string
	cased        bool
	how          string // "", startswith, endswith, contains
}

func (t same) search() (string, bool) {
	return "(" + fieldName(t.field) + "=* " + fieldName(t.other) + "=*)", false
}

func (t same) eval() string {
	a, b := refName(t.field), refName(t.other)
	if !t.cased {
		a, b = "lower("+a+")", "lower("+b+")"
	}
	switch t.how {
	case "startswith":
		return "substr(" + a + ", 1, len(" + b + "))=" + b
	case "endswith":
		return "substr(" + a + ", -len(" + b + "))=" + b
	case "contains":
		return "mvcount(split(" + a + ", " + b + "))>1"
	}
	return a + "=" + b
}

// part asks for a part of a date: its hour, or its week.
type part struct {
	field, part string
	op, number  string
}

// dateParts find a part of a date, which begins as 2026-11-28 12:30:00 does.
var dateParts = map[string]string{
	"year": `^(\d{4})-.*$`, "month": `^\d{4}-(\d\d).*$`, "day": `^\d{4}-\d\d-(\d\d).*$`,
	"hour": `^\d{4}-\d\d-\d\d[T ](\d\d).*$`, "minute": `^\d{4}-\d\d-\d\d[T ]\d\d:(\d\d).*$`,
}

func (t part) search() (string, bool) { return fieldName(t.field) + "=*", false }

func (t part) eval() string {
	f := refName(t.field)
	if t.part == "week" {
		return "tonumber(strftime(strptime(substr(" + f + ", 1, 10), \"%Y-%m-%d\"), \"%V\"))" + t.op + t.number
	}
	return "tonumber(replace(" + f + ", " + quote(dateParts[t.part]) + `, "\\1"))` + t.op + t.number
}

// raw is the field that keywords are looked for in.
const raw = "_raw"

// keyword asks that a text stands anywhere in the event.
type keyword struct {
	p     pattern
	cased bool
}

// search looks for the texts between wildcards each by itself: a * of the search
// command ends with a word.
func (t keyword) search() (string, bool) {
	var terms []string
	for _, p := range t.p {
		pieces := strings.FieldsFunc(p.text, func(r rune) bool { return r == '*' || r < ' ' && r != '\t' })
		for _, text := range pieces {
			if p.kind == textToken && (len(text) >= leastNeed || len(t.p) == 1) {
				terms = addOnce(terms, quote("*"+text+"*"))
			}
		}
	}
	switch len(terms) {
	case 0:
		return "", false
	case 1:
		return terms[0], len(t.p) == 1 && !t.cased && t.p.sayable()
	}
	return "(" + strings.Join(terms, " ") + ")", false
}

func (t keyword) eval() string { return matchText(raw, t.p.open(true, true).regex(true), t.cased) }

// origin asks that an event is of a log source.
type origin struct{ text string }

func (t origin) search() (string, bool) { return t.text, true }

func (t origin) eval() string { return "searchmatch(" + quote(t.text) + ")" }
