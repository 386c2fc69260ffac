package spl

import (
	"fmt"
	"slices"

	"escutcheon/detection/spl/value"
)

// lookup compiles a lookup in a table that the caller gave.
func (c *compiler) lookup(x *LookupCmd, in shape) (func(*rec) bool, shape, *Error) {
	t := c.env.Tables.find(x.Name)
	if t == nil {
		return nil, in, c.fault(x.at, fmt.Sprintf("lookup table %q", x.Name), "is not known")
	}
	c.used = append(c.used, t)
	column := func(name string) (int, *Error) {
		i := slices.Index(t.Fields, name)
		if i < 0 && len(t.Fields) == 0 {
			return 0, nil
		}
		if i < 0 {
			return 0, c.fault(x.at, fmt.Sprintf("lookup table %q", x.Name), fmt.Sprintf("has no field %q", name))
		}
		return i, nil
	}
	var keys []int
	for _, f := range x.In {
		i, err := column(f.Table)
		if err != nil {
			return nil, in, err
		}
		keys = append(keys, i)
	}
	out := x.Out
	if out == nil { // all that is not looked up by
		for i, f := range t.Fields {
			if !slices.Contains(keys, i) {
				out = append(out, LookupField{f, f})
			}
		}
	}
	l := &lookingUp{cmd: x, find: newFinder(t, keys), keys: keys}
	for _, f := range out {
		i, err := column(f.Table)
		if err != nil {
			return nil, in, err
		}
		l.out, l.columns = append(l.out, f.Field), append(l.columns, i)
		in = in.with(f.Field)
	}
	return l.apply, in, nil
}

// lookingUp is a lookup that runs.
type lookingUp struct {
	cmd     *LookupCmd
	find    *finder
	keys    []int    // columns of the table looked up by
	columns []int    // columns taken
	out     []string // the fields they become
}

// apply sets the fields. A field of several values is looked up value by
// value. Where no row matches the fields stay as they are.
func (l *lookingUp) apply(r *rec) bool {
	vals := make([][]string, len(l.keys))
	n := 1
	for k, f := range l.cmd.In {
		if vals[k] = r.value(f.Field).List(); vals[k] == nil {
			vals[k] = nil
			n = 0
			break
		}
		n = max(n, len(vals[k]))
	}
	t := l.find.t
	got := make([][]string, len(l.columns))
	for i := 0; i < n && i < 1000; i++ {
		rows := l.find.rows(func(c int) string {
			v := vals[slices.Index(l.keys, c)]
			return v[min(i, len(v)-1)]
		})
		for _, row := range rows {
			for k, c := range l.columns {
				if s := t.Rows[row][c]; s != "" && len(got[k]) < value.MaxList {
					got[k] = append(got[k], s)
				}
			}
		}
	}
	for k, name := range l.out {
		for len(got[k]) < t.Min && t.Default != "" {
			got[k] = append(got[k], t.Default)
		}
		if len(got[k]) > 0 && !(l.cmd.New && !r.value(name).IsNull()) {
			r.set(name, value.ListOf(got[k]))
		}
	}
	return true
}
