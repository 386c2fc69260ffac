package search

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/spl"
)

// indexAsked is the index that a search, or the subsearch at its end, asks for.
func indexAsked(tokens []spl.Token, text string) (index string) {
	word := func(i int) string { return strings.Trim(text[tokens[i].From:tokens[i].To], `"`) }
	var outer []string
	for i, t := range tokens {
		switch {
		case t.Kind == spl.BracketToken && word(i) == "[":
			outer, index = append(outer, index), ""
		case t.Kind == spl.BracketToken && len(outer) > 0:
			index, outer = outer[len(outer)-1], outer[:len(outer)-1]
		case i > 1 && word(i-1) == "=" && word(i-2) == indexField:
			index = strings.ToLower(word(i))
		}
	}
	return index
}

// tableNamed is the lookup that the last command names; "" where none is named yet.
func tableNamed(tokens []spl.Token, text string) string {
	for i := 1 + slices.IndexFunc(tokens, lastCommand(tokens)); i < len(tokens); i++ {
		w := text[tokens[i].From:tokens[i].To]
		if i+1 < len(tokens) && text[tokens[i+1].From:tokens[i+1].To] == "=" {
			i += 2 // an option
			continue
		}
		return strings.Trim(w, `"`)
	}
	return ""
}

func lastCommand(tokens []spl.Token) func(spl.Token) bool {
	var last spl.Token
	for _, t := range tokens {
		if t.Kind == spl.CommandToken {
			last = t
		}
	}
	return func(t spl.Token) bool { return t == last }
}

// alike are the names that begin with a text, then those that hold it, whatever its
// case.
func alike(names []string, like string) (out []string) {
	low := strings.ToLower(like)
	var within []string
	for _, n := range names {
		switch at := strings.Index(strings.ToLower(n), low); {
		case at == 0:
			out = append(out, n)
		case at > 0 && len(like) > 2:
			within = append(within, n)
		}
	}
	return append(out, within...)
}

func lookupsLike(env spl.Env, p place) (out []Suggestion) {
	for _, l := range Lookups(env) {
		if len(alike([]string{l.Name}, p.like)) > 0 {
			about := strconv.Itoa(l.Rows) + " rows: " + strings.Join(l.Columns, ", ")
			out = append(out, Suggestion{"lookup", l.Name, cutText(about, 200), spl.QuoteName(l.Name) + " "})
		}
	}
	return out
}

// columnsLike are the columns of the lookup that stands before.
func columnsLike(env spl.Env, p place) (out []Suggestion) {
	t := env.Tables.Find(p.table)
	if t == nil {
		return nil
	}
	for _, name := range alike(t.Fields, p.like) {
		out = append(out, Suggestion{"field", name, "of the lookup " + p.table, spl.QuoteName(name)})
	}
	return out
}

func macrosLike(env spl.Env, p place) (out []Suggestion) {
	names := slices.Sorted(maps.Keys(env.Macros))
	isFilter := func(key string) bool { return strings.HasSuffix(key, "_filter") }
	slices.SortStableFunc(names, func(a, b string) int { // a rule's filter, of which there are many, comes last
		switch {
		case isFilter(a) == isFilter(b):
			return 0
		case isFilter(a):
			return 1
		}
		return -1
	})
	for _, key := range alike(names, p.like) {
		m := env.Macros[key]
		name, _, args := strings.Cut(key, "(")
		text, insert := "`"+name+"`", "`"+name+"`"
		if args {
			text, insert = "`"+name+"("+strings.Join(m.Args, ", ")+")`", "`"+name+"("
		}
		out = append(out, Suggestion{"macro", text, cutText(strings.Join(strings.Fields(m.Definition), " "), 200), insert})
	}
	return out
}

// cutText is the beginning of a text, of about so many bytes.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// Lookup is a table that searches can read.
type Lookup struct {
	Name    string
	Columns []string
	Rows    int
}

// Lookups are the tables that searches can read, by name.
func Lookups(env spl.Env) (out []Lookup) {
	for _, name := range slices.Sorted(maps.Keys(env.Tables)) {
		t := env.Tables[name]
		out = append(out, Lookup{name, t.Fields, len(t.Rows)})
	}
	return out
}
