package spl

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
)

// SortKey is one field of sort; How is "", num, str or ip.
type SortKey struct {
	Field, How string
	Desc       bool
}

// sortKeys reads [+-]field or [+-]num(field), up to the end or to the word
// that turns the order. A sign by itself counts for the field that follows.
func (p *parser) sortKeys() ([]SortKey, *Error) {
	var out []SortKey
	for p.more() && !(len(out) > 0 && p.atDesc()) {
		k, err := p.sortKey()
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	if out == nil {
		return nil, p.expected("a field name")
	}
	return out, nil
}

func (p *parser) sortKey() (k SortKey, err *Error) {
	k.Desc = p.oneOf("+-") == "-"
	p.space()
	w := p.peekWord()
	if !slices.Contains([]string{"num", "str", "ip", "auto"}, w) || !strings.HasPrefix(p.s[p.i+len(w):], "(") {
		k.Field, err = p.name(",=")
		return k, err
	}
	p.i += len(w) + 1
	k.How = strings.TrimPrefix(w, "auto")
	if k.Field, err = p.name("(),="); err != nil {
		return k, err
	}
	if !p.eat(')') {
		return k, p.expected("a closing parenthesis")
	}
	return k, nil
}

// atDesc says whether the word desc ends the command.
func (p *parser) atDesc() bool {
	at := p.i
	w := p.word1("DESC", "D")
	last := w != "" && p.end()
	p.i = at
	return last
}

func sortText(keys []SortKey) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = nameText(k.Field)
		if k.How != "" {
			out[i] = k.How + "(" + out[i] + ")"
		}
		if k.Desc {
			out[i] = "-" + out[i]
		}
	}
	return strings.Join(out, ", ")
}

func sortFields(keys []SortKey) (out []string) {
	for _, k := range keys {
		out = append(out, k.Field)
	}
	return out
}

// sortRows orders rows; those that are equal stay as they are.
func sortRows(rows []*rec, keys []SortKey) {
	slices.SortStableFunc(rows, func(a, b *rec) int {
		for _, k := range keys {
			if c := compareKey(k, a.value(k.Field), b.value(k.Field)); c != 0 {
				return c
			}
		}
		return 0
	})
}

// compareKey puts rows without the field last, whichever the direction.
func compareKey(k SortKey, a, b value.Value) int {
	switch {
	case a.IsNull() && b.IsNull():
		return 0
	case a.IsNull():
		return 1
	case b.IsNull():
		return -1
	}
	c := 0
	switch k.How {
	case "str":
		c = strings.Compare(a.Text(), b.Text())
	case "ip":
		x, _ := netip.ParseAddr(a.Text())
		y, _ := netip.ParseAddr(b.Text())
		c = x.Compare(y)
	default:
		c = compareMixed(a.Text(), b.Text())
	}
	if k.Desc {
		return cmp.Compare(0, c)
	}
	return c
}
