package handlers

import (
	"strings"
	"unicode/utf8"

	"escutcheon/event"
)

// A log is written by an attacker too: what a page shows of it is bounded, and
// the page says so. The original bytes are always whole.
const (
	listValue  = 2 << 10 // bytes of one value in a list
	listEvent  = 32 << 10
	eventValue = 64 << 10 // on the event's own page
	eventAll   = 1 << 20
	mostFields = 1000
)

// cut shortens a value to at most n bytes, at a rune's edge.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n]) + "…"
}

// cutFields are fields with every value and all of them bounded, and whether
// anything was cut.
func cutFields(fields []event.Field, value, all int) (out []event.Field, was bool) {
	for i, f := range fields {
		size := min(len(f.Name), value) + min(len(f.Value), value)
		if all -= size; i == mostFields || all < 0 {
			return out, true
		}
		was = was || len(f.Name) > value || len(f.Value) > value
		out = append(out, event.Field{Name: cut(f.Name, value), Value: cut(f.Value, value)})
	}
	return out, was
}

// cutCells are a row's cells with each bounded.
func cutCells(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = cut(c, listValue)
	}
	return out
}
