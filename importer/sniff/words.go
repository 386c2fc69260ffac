package sniff

import (
	"slices"
	"strings"
)

// packed is what the formats come in.
const packed = "compressed (.gz, .zst, .xz, .bz2) and in archives (.zip, .7z, .tar)"

// Accepted says in a sentence what is read.
func Accepted() string {
	return "Escutcheon reads Windows event logs: " + Reads() + "; also " + packed + "."
}

// Reads is what is read, in short, as a part of a sentence: formats that have a
// name of their own, then whose JSON, CSV and text.
func Reads() string {
	var own, kinds, groups []string
	for i := range table {
		switch s := &table[i]; {
		case s.Kind == "":
			own = append(own, s.Name)
		case s.Of != "":
			kinds = once(kinds, string(s.Kind))
			groups = once(groups, s.Group)
		}
	}
	return strings.Join(own, ", ") + ", and the " + listed(kinds, "or") + " of " + listed(groups, "and")
}

func once(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// listed is "a, b and c".
func listed(names []string, and string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " " + and + " " + names[last]
}
