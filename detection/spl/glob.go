package spl

import "strings"

// glob is a name with wildcards, as table, fields and rename take it. Names
// are compared with their case.
type glob string

func (g glob) match(name string) bool {
	if !strings.Contains(string(g), "*") {
		return string(g) == name
	}
	_, ok := capture(string(g), name)
	return ok
}

// pick returns the columns that the names ask for, in the order of the names;
// a name without wildcards is taken whether or not there is such a column.
func pick(names []string, columns []string) []string {
	var out []string
	seen := map[string]bool{}
	add := func(n string) {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	for _, n := range names {
		if !strings.Contains(n, "*") {
			add(n)
			continue
		}
		for _, c := range columns {
			if glob(n).match(c) {
				add(c)
			}
		}
	}
	return out
}

// capture matches a name against a pattern and returns what the stars stand
// for. Names are compared with their case.
func capture(pat, name string) ([]string, bool) {
	parts := strings.Split(pat, "*")
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok || len(parts) == 1 {
		return nil, ok && rest == ""
	}
	var got []string
	for k, part := range parts[1:] {
		i := strings.Index(rest, part)
		if k == len(parts)-2 {
			i = len(rest) - len(part)
		}
		if i < 0 || !strings.HasPrefix(rest[i:], part) {
			return nil, false
		}
		got = append(got, rest[:i])
		rest = rest[i+len(part):]
	}
	return got, true
}

func fill(to string, got []string) string {
	var b strings.Builder
	for i, part := range strings.Split(to, "*") {
		if i > 0 && i <= len(got) {
			b.WriteString(got[i-1])
		}
		b.WriteString(part)
	}
	return b.String()
}
