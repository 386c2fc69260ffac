package sigma

import (
	"fmt"
	"slices"
	"strings"
)

// quote writes a text in quotes. Every backslash is doubled: Splunk takes one before
// a quote, a backslash or a wildcard for more than itself.
func quote(s string) string { return `"` + quoted.Replace(s) + `"` }

var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// isName says whether a text is a name that needs no quotes in the search command:
// letters, digits, _ and the dot, and no digit or dot first.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || c != '.' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != "" && !reserved[strings.ToLower(s)]
}

// reserved are names that the search command would take for something else.
var reserved = map[string]bool{"and": true, "or": true, "not": true, "in": true, "by": true, "as": true, "term": true,
	"case": true}

// fieldName is a field's name in the search command and in lists of names.
func fieldName(s string) string {
	if isName(s) {
		return s
	}
	return quote(s)
}

// refName is a field's name in an expression.
func refName(s string) string {
	if isName(s) && !strings.Contains(s, ".") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "") + "'"
}

// valueText is a value of the search command.
func valueText(s string) string {
	if s != "" && len(s) <= 15 && strings.Trim(s, "0123456789") == "" {
		return s
	}
	return quote(s)
}

// oneOf asks that a field has one of some values.
func oneOf(field string, values []string) string {
	if len(values) == 1 {
		return fieldName(field) + "=" + valueText(values[0])
	}
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = valueText(v)
	}
	return fieldName(field) + " IN (" + strings.Join(out, ", ") + ")"
}

// conditionText writes a condition for the search command. Names are those of tests
// that it cannot say, each a field that eval has made.
func conditionText(c cond, names map[string]string) string {
	switch c := c.(type) {
	case every:
		var out []string
		for _, x := range c {
			out = addOnce(out, inner(x, names))
		}
		return strings.Join(out, " ")
	case some:
		return strings.Join(alternatives(c, names), " OR ")
	case not:
		if twice, is := c.of.(not); is {
			return conditionText(twice.of, names)
		}
		return "NOT " + inner(c.of, names)
	case test:
		text, exact := c.search()
		if !exact {
			return names[c.eval()] + "=1"
		}
		return text
	}
	return "*"
}

func addOnce(all []string, s string) []string {
	if slices.Contains(all, s) {
		return all
	}
	return append(all, s)
}

// inner writes a part of a condition: in parentheses where it has parts itself.
func inner(c cond, names map[string]string) string {
	switch c := c.(type) {
	case every:
		return "(" + conditionText(c, names) + ")"
	case some:
		if parts := alternatives(c, names); len(parts) > 1 {
			return "(" + strings.Join(parts, " OR ") + ")"
		} else {
			return parts[0]
		}
	case not:
		if twice, is := c.of.(not); is {
			return inner(twice.of, names)
		}
	}
	return conditionText(c, names)
}

// alternatives are the parts of an or. Values of one field stand in one list.
func alternatives(cs some, names map[string]string) (out []string) {
	lists := map[string]int{}
	values := map[string][]string{}
	seen := map[[2]string]bool{}
	for _, c := range cs {
		field, value, ok := listed(c)
		if !ok {
			out = addOnce(out, inner(c, names))
			continue
		}
		if _, known := lists[field]; !known {
			lists[field] = len(out)
			out = append(out, "")
		}
		if !seen[[2]string{field, value}] {
			seen[[2]string{field, value}] = true
			values[field] = append(values[field], value)
		}
	}
	for field, at := range lists {
		out[at] = oneOf(field, values[field])
	}
	return out
}

// listed is a test that may stand in a list of values: of which field, and what.
func listed(c cond) (field, value string, ok bool) {
	t, is := c.(glob)
	if l, isLoose := c.(loose); isLoose {
		t, is = l.test.(glob)
	}
	if !is || t.p.onlyRuns() {
		return "", "", false
	}
	if _, exact := c.(test).search(); !exact {
		return "", "", false
	}
	return t.field, t.p.search(), true
}

// expressionText writes a condition as an expression.
func expressionText(c cond) string {
	switch c := c.(type) {
	case every:
		return joined(c, " AND ")
	case some:
		return joined(c, " OR ")
	case not:
		return "if(" + expressionText(c.of) + ", 1, 0)=0" // NOT of what is null is null
	case test:
		return c.eval()
	}
	return "true()"
}

func joined(cs []cond, by string) string {
	out := make([]string, len(cs))
	for i, c := range cs {
		switch c.(type) {
		case every, some:
			out[i] = "(" + expressionText(c) + ")"
		default:
			out[i] = expressionText(c)
		}
	}
	return strings.Join(out, by)
}

// filterText are the commands that let through what meets a condition, and of which
// the first is of the search command: head, which stands before the condition there.
func filterText(head string, c cond) string {
	terms, late := splitTerms(c)
	var lines []string
	if head != "" {
		lines = []string{head}
	}
	for _, t := range terms {
		if t = loosely(t, false); t != nil {
			lines = addOnce(lines, inner(t, nil))
		}
	}
	text := strings.Join(lines, "\n    ")
	if late == nil {
		return text
	}
	if allOf(late, certain) {
		return text + "\n| where " + joined(late, "\n    AND ")
	}
	names, evals := map[string]string{}, []string{}
	nameTests(every(late), names, &evals)
	return text + "\n| eval " + strings.Join(evals, ",\n    ") + "\n| search " + conditionText(and(late...), names)
}

// splitTerms cuts a condition into its terms; late are those that the search command
// cannot say all of.
func splitTerms(c cond) (terms, late []cond) {
	terms = []cond{c}
	if e, ok := c.(every); ok {
		terms = e
	}
	if c == nil {
		return nil, nil
	}
	for _, t := range terms {
		if !exactly(t) {
			late = append(late, t)
		}
	}
	return terms, late
}

// certain says whether a condition is a test or a choice of tests that only
// expressions can say, so that where can say it as it is.
func certain(c cond) bool {
	if s, ok := c.(some); ok {
		return allOf(s, func(c cond) bool { _, is := c.(test); return is && !exactly(c) })
	}
	_, ok := c.(test)
	return ok
}

// nameTests gives each test that only an expression can say the name of a field.
func nameTests(c cond, names map[string]string, evals *[]string) {
	switch c := c.(type) {
	case every:
		for _, x := range c {
			nameTests(x, names, evals)
		}
	case some:
		for _, x := range c {
			nameTests(x, names, evals)
		}
	case not:
		nameTests(c.of, names, evals)
	case test:
		text := c.eval()
		if _, exact := c.search(); exact || names[text] != "" {
			return
		}
		names[text] = fmt.Sprintf("test%d", len(names)+1)
		*evals = append(*evals, names[text]+"=if("+text+", 1, 0)")
	}
}
