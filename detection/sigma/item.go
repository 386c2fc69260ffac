package sigma

import (
	"regexp/syntax"
	"strings"

	"go.yaml.in/yaml/v3"
)

// item is one field with its modifiers and values: as the modifiers are gone through,
// what is to be compared changes.
type item struct {
	d      *detection
	key    *yaml.Node
	field  string // "" for keywords
	many   bool   // the rule has a list of values
	values []itemValue

	how      string // re, cidr, exists, fieldref, gt, …; "" for texts
	flags    string // of a regular expression
	place    string // startswith, endswith, contains: where a text, or another field's, stands
	datePart string
	all      bool
	cased    bool
	negated  bool
}

// itemValue is one value as the modifiers have made it so far.
type itemValue struct {
	node *yaml.Node
	p    pattern
	text string // as it is written
	null bool
}

// value adds a value as it is written.
func (m *item) value(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fault(n, "a value is a text, a number, true, false or null")
	}
	v := itemValue{node: n, text: n.Value, null: isNull(n)}
	if v.null && (m.many || m.field == "") {
		return fault(n, "null cannot be one of several values; it is to be a search of its own")
	}
	if !v.null {
		v.p = readPattern(n.Value)
	}
	m.values = append(m.values, v)
	return nil
}

// each puts what f makes of a value in its place.
func (m *item) each(f func(itemValue) ([]itemValue, error)) error {
	var out []itemValue
	for _, v := range m.values {
		made, err := f(v)
		if err != nil {
			return err
		}
		if out = append(out, made...); len(out) > maxTests {
			return fault(m.key, "the values come to more than %d", maxTests)
		}
	}
	m.values = out
	return nil
}

// eachText is each for values that are a text.
func (m *item) eachText(modifier string, f func(itemValue) ([]itemValue, error)) error {
	return m.each(func(v itemValue) ([]itemValue, error) {
		if v.null {
			return nil, fault(v.node, "null has no text for the modifier %q", modifier)
		}
		return f(v)
	})
}

// modify goes through the modifiers behind a field's name.
func (m *item) modify(chain string, at int) error {
	if chain == "" {
		return nil
	}
	for name := range strings.SplitSeq(chain, "|") {
		f, ok := modifiers[name]
		if !ok {
			return faultAt(m.key, at, "the modifier %q is unknown", name)
		}
		if err := f(m, name); err != nil {
			if e, is := err.(*Error); is && e.Line == 0 {
				return faultAt(m.key, at, "%s", e.Reason)
			}
			return err
		}
		at += len(name) + 1
	}
	return nil
}

// misplaced is an error at the modifier.
func misplaced(reason string) error { return &Error{Reason: reason} }

// cond is what the item asks, when all modifiers are gone through.
func (m *item) cond() (cond, error) {
	var parts []cond
	for _, v := range m.values {
		c, err := m.one(v)
		if err != nil {
			return nil, err
		}
		parts = append(parts, c)
	}
	join := or
	if m.all {
		join = and
	}
	if m.negated {
		return not{join(parts...)}, nil
	}
	return join(parts...), nil
}

// one is what one value asks of the field, whatever the sources call it.
func (m *item) one(v itemValue) (cond, error) {
	if m.d.tests++; m.d.tests > maxTests {
		return nil, fault(m.key, "the detection comes to more than %d tests", maxTests)
	}
	if m.field == "" {
		return m.keyword(v)
	}
	return m.test(v)
}

func (m *item) test(v itemValue) (cond, error) {
	f := m.d.source.field(m.field)
	switch {
	case m.how == "exists":
		return m.exists(f, v)
	case v.null:
		return not{f.there()}, nil
	case m.how == "re":
		re, err := m.regex(v)
		return f.each(func(name string) cond { return expression{name, re} }), err
	case m.how == "cidr":
		in, err := prefixOf(v.node)
		return f.each(func(name string) cond { return within{name, in} }), err
	case m.how == "fieldref" && (v.text == "" || nameFault(v.node, v.text) != nil):
		return nil, fault(v.node, "fieldref is the name of a field")
	case m.how == "fieldref":
		other := m.d.source.field(v.text)
		return f.pairs(other, func(a, b string) cond { return same{a, b, m.cased, m.place} }), nil
	case m.how != "":
		return m.number(f, v)
	}
	if !v.p.valid() {
		return nil, fault(v.node, "the value is no text in this encoding; base64 behind it makes it one")
	}
	if len(v.p) == 0 { // a log does not tell it from a value that is not there
		return or(f.each(func(name string) cond { return glob{field: name} }), not{f.there()}), nil
	}
	return f.globs(v.p, m.cased), nil
}

func (m *item) exists(f *field, v itemValue) (cond, error) {
	switch strings.ToLower(v.text) {
	case "true", "yes":
		return f.there(), nil
	case "false", "no":
		return not{f.there()}, nil
	}
	return nil, fault(v.node, "exists is true or false")
}

// number compares a field, or a part of the date in it, with a number.
func (m *item) number(f *field, v itemValue) (cond, error) {
	if !decimal.MatchString(v.text) {
		return nil, fault(v.node, "the modifier compares with a number, and %q is none", v.text)
	}
	op := operators[m.how]
	if m.datePart != "" {
		return f.each(func(name string) cond { return part{name, m.datePart, op, v.text} }), nil
	}
	return f.each(func(name string) cond { return compare{name, op, v.text} }), nil
}

// regex is the expression of a value, with its flags.
func (m *item) regex(v itemValue) (string, error) {
	re := v.text
	if m.flags != "" {
		re = "(?" + m.flags + ")" + re
	}
	if strings.Contains(re, "\x00") || len(re) > maxRegex {
		return "", fault(v.node, "the regular expression is longer than %d bytes", maxRegex)
	}
	if _, err := syntax.Parse(re, syntax.Perl); err != nil {
		if e, ok := err.(*syntax.Error); ok && !beyondRE2(e) {
			return "", fault(v.node, "the regular expression cannot be read: %s", e.Code)
		}
	}
	return re, nil
}

// beyondRE2 says whether what cannot be read may be of Perl's expressions: looking
// around, references. The search's compiler reads those.
func beyondRE2(e *syntax.Error) bool {
	return e.Code == syntax.ErrInvalidPerlOp || e.Code == syntax.ErrInvalidEscape ||
		e.Code == syntax.ErrInvalidRepeatSize || e.Code == syntax.ErrInvalidNamedCapture ||
		e.Code == syntax.ErrInvalidCharRange || e.Code == syntax.ErrInvalidRepeatOp
}

const maxRegex = 8 << 10

// keyword looks for a value in the whole event.
func (m *item) keyword(v itemValue) (cond, error) {
	switch m.how {
	case "":
	case "re":
		re, err := m.regex(v)
		return expression{raw, re}, err
	default:
		return nil, fault(m.key, "the modifier %q needs a field", m.how)
	}
	if len(v.p) == 0 || !v.p.valid() {
		return nil, fault(v.node, "a keyword is a text")
	}
	var forms []cond
	for _, p := range written(v.p) {
		forms = append(forms, keyword{p, m.cased})
	}
	return or(forms...), nil
}

// written are the ways in which a text stands in the bytes of a log: as it is, and as
// XML and JSON write it.
func written(p pattern) []pattern {
	out := []pattern{p}
	for _, r := range []*strings.Replacer{inXML, inXMLToo, inJSON} {
		q := append(pattern{}, p...)
		changed := false
		for i := range q {
			was := q[i].text
			q[i].text = r.Replace(was)
			changed = changed || q[i].text != was
		}
		if changed && !hasPattern(out, q) {
			out = append(out, q)
		}
	}
	return out
}

func hasPattern(all []pattern, p pattern) bool {
	for _, q := range all {
		if q.search() == p.search() {
			return true
		}
	}
	return false
}

var (
	inXML    = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")
	inXMLToo = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	inJSON   = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
)
