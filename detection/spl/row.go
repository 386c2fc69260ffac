package spl

import "strings"

// resolve turns pairs with wildcards into one pair for each column they name.
func (c *Rename) resolve(columns []string) []RenamePair {
	var out []RenamePair
	for _, p := range c.Pairs {
		if !strings.Contains(p.From, "*") {
			out = append(out, p)
			columns = renameColumn(columns, p)
			continue
		}
		for _, name := range columns {
			if got, ok := capture(p.From, name); ok {
				one := RenamePair{name, fill(p.To, got)}
				out = append(out, one)
				columns = renameColumn(columns, one)
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

// renameColumn gives a column another name in its place. A column that had
// the name before goes, even when there is no column to rename: so does
// Splunk.
func renameColumn(columns []string, p RenamePair) []string {
	if p.From == p.To {
		return columns
	}
	var out []string
	for _, c := range columns {
		switch c {
		case p.To:
		case p.From:
			out = append(out, p.To)
		default:
			out = append(out, c)
		}
	}
	return out
}
