package detection

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"escutcheon/detection/spl"
)

// telling are the columns that tell the rows of most rules apart, the best
// first.
var telling = []string{"Message", "process", "CommandLine", "ScriptBlockText", "Configuration", "registry_path",
	"TargetObject", "file_path", "TargetFilename", "ImageLoaded", "ModuleDll", "process_name", "file_name", "process_path",
	"parent_process", "ServiceName", "TaskName", "user"}

// counted are the columns that say how often and when, not what.
var counted = []string{"count", "firstTime", "lastTime", "_time"}

// NewRow is a finding's row by the columns of its rule: a cell that is empty
// is missing.
func (r *Rule) NewRow(cells []string) spl.Row {
	var out spl.Row
	for i, c := range r.Plan().Columns() {
		if i < len(cells) && cells[i] != "" {
			out = append(out, spl.Field{Name: c, Value: cells[i]})
		}
	}
	return out
}

// Telling is what tells a row from the others of its rule, in one value; ""
// when it has nothing but a dest and counts.
func Telling(row spl.Row) string {
	for _, name := range telling {
		if v, ok := row.Get(name); ok && v != "-" {
			return v
		}
	}
	for _, f := range row {
		if f.Name == "_time" || f.Name != "dest" && f.Value != "-" && !slices.Contains(counted, f.Name) {
			return f.Value
		}
	}
	return ""
}

// columnsOf are the columns that may tell a row, the best first.
func columnsOf(row spl.Row) []string {
	columns := slices.Clone(telling)
	for _, f := range row {
		if f.Name != "dest" && !slices.Contains(columns, f.Name) && !slices.Contains(counted, f.Name) {
			columns = append(columns, f.Name)
		}
	}
	return columns
}

// Bounds of what is proposed: the longest value in bytes, as the expression
// stands in an address, and how many columns are tried.
const (
	mostLike    = 8000
	triedLikely = 3
)

// Likeness proposes filters that keep rows like this one out, the narrowest
// first: its dest and a column that tells it, at last its dest alone.
func Likeness(row spl.Row) (out []string) {
	host, hasHost := row.Get("dest")
	for _, name := range columnsOf(row) {
		v, ok := row.Get(name)
		if !ok || len(v) > mostLike || !plainName(name) || len(out) == triedLikely {
			continue
		}
		if hasHost {
			out = append(out, Unlike("dest", host, name, v))
		} else {
			out = append(out, Unlike(name, v))
		}
	}
	if hasHost {
		out = append(out, Unlike("dest", host))
	}
	return out
}

// Unlike is a filter that keeps out the rows whose columns have these values;
// pairs are a column and its value each. search takes a * for any text, so such
// a value goes into where; one with characters that nobody sees becomes a
// regular expression that spells them.
func Unlike(pairs ...string) string {
	var search, where []string
	exact := false
	for i := 0; i < len(pairs); i += 2 {
		name, value := pairs[i], pairs[i+1]
		search = append(search, name+"="+quoted(value))
		field := "coalesce('" + name + `', "")`
		if spelled := spell(value); spelled != regexp.QuoteMeta(value) {
			exact = true
			where = append(where, "match("+field+", "+quoted("^"+spelled+"$")+")")
			continue
		}
		exact = exact || strings.Contains(value, "*")
		where = append(where, field+"="+quoted(value))
	}
	if exact {
		return "where NOT (" + strings.Join(where, " AND ") + ")"
	}
	return "NOT (" + strings.Join(search, " ") + ")"
}

// spell is a text as a regular expression in which every character is seen.
func spell(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || unicode.IsPrint(r) {
			b.WriteString(regexp.QuoteMeta(string(r)))
		} else {
			fmt.Fprintf(&b, `\x{%x}`, r)
		}
	}
	return b.String()
}

// plainName says whether a column's name stands in a search as it is.
func plainName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '.')
	})
}

// JoinFilters adds a filter of Likeness to one that is in force, so that what
// that one suppresses stays suppressed.
func JoinFilters(present, one string) string {
	present = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(present), "|"))
	word, _, _ := strings.Cut(strings.ToLower(present)+" ", " ")
	switch {
	case present == "":
		return one
	case strings.HasPrefix(one, "where "):
		return present + "\n| " + one
	case filterCommands[word] || strings.Contains(present, "|"):
		return present + "\n| search " + one
	}
	return "(" + present + ")\n" + one
}
