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
