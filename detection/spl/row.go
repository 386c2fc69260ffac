package spl

import (
	"slices"
	"strings"
)

// step is a compiled command that works on finished rows. It changes the row
// in place or says that the row goes.
type step struct {
	apply    func(Row) (Row, bool)
	inFilter bool
}

// planRow compiles a command that stands after the aggregation: what it does
// with a row, and the columns that it leaves. A command that cannot stand
// there gives nil.
func planRow(c Command, columns []string) (func(Row) (Row, bool), []string) {
	switch c := c.(type) {
	case *Search:
		m := compileExpr(c.Expr)
		return func(r Row) (Row, bool) { return r, m.match(r) }, columns
	case *Rename:
		pairs := c.resolve(columns)
		for _, p := range pairs {
			columns = renameColumn(columns, p)
		}
		return func(r Row) (Row, bool) { return renameRow(r, pairs), true }, columns
	case *Convert:
		return c.apply, c.columns(columns)
	}
	return nil, nil
}

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
	if !ok {
		return nil, false
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
		if i > 0 {
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
	out := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c == p.To })
	if i := slices.Index(out, p.From); i >= 0 {
		out[i] = p.To
	}
	return out
}

func renameRow(r Row, pairs []RenamePair) Row {
	for _, p := range pairs {
		if p.From == p.To {
			continue
		}
		r = slices.DeleteFunc(r, func(f Field) bool { return f.Name == p.To })
		for i := range r {
			if r[i].Name == p.From {
				r[i].Name = p.To
				break
			}
		}
	}
	return r
}

func (c *Convert) columns(columns []string) []string {
	out := slices.Clone(columns)
	for _, f := range c.Fields {
		if slices.Contains(out, f.Field) && !slices.Contains(out, f.As) {
			out = append(out, f.As)
		}
	}
	return out
}

func (c *Convert) apply(r Row) (Row, bool) {
	for _, f := range c.Fields {
		v, ok := r.Get(f.Field)
		if !ok {
			continue
		}
		r = r.set(f.As, ctime(v, c.TimeFormat))
	}
	return r, true
}

func (r Row) set(name, value string) Row {
	for i := range r {
		if r[i].Name == name {
			r[i].Value = value
			return r
		}
	}
	return append(r, Field{name, value})
}
