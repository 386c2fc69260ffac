package spl

import (
	"fmt"
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
)

// Lookup adds columns of a table that the caller gave.
type Lookup struct {
	Origin
	Table string
	In    []LookupField
	Out   []LookupField // nil for all others
	New   bool          // OUTPUTNEW: fields that have a value keep it
	at    int
}

// LookupField is a table's field and the event's.
type LookupField struct{ Table, Field string }

var _ = register("lookup", parseLookup)

func parseLookup(p *parser, o Origin) (*Lookup, *Error) {
	x := &Lookup{Origin: o}
	for { // what these ask for is so, or makes no difference
		opt, err := p.option("local", "update", "append", "event_time_field")
		if err != nil {
			return nil, err
		}
		if opt.name == "" {
			break
		}
	}
	p.space()
	x.at = p.i
	var err *Error
	if x.Table, err = p.field(); err != nil {
		return nil, err
	}
	into := &x.In
	for p.more() {
		if word := p.word1("OUTPUTNEW", "OUTPUT"); word != "" {
			x.New = x.New || word == "OUTPUTNEW"
			into = &x.Out
			continue
		}
		f, err := p.lookupField()
		if err != nil {
			return nil, err
		}
		*into = append(*into, f)
	}
	if x.In == nil {
		return nil, p.expected("a field name")
	}
	return x, nil
}

func (p *parser) lookupField() (LookupField, *Error) {
	f, err := p.field()
	if err != nil {
		return LookupField{}, err
	}
	lf := LookupField{f, f}
	return lf, p.as(&lf.Field)
}

func (x *Lookup) String() string {
	out := ""
	if x.Out != nil || x.New {
		out = "OUTPUT"
	}
	if x.New {
		out = "OUTPUTNEW"
	}
	return newLine(x.Origin).add(nameText(x.Table), lookupText(x.In), out, lookupText(x.Out)).String()
}

func lookupText(fields []LookupField) string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = nameText(f.Table) + asText(f.Table, f.Field)
	}
	return strings.Join(out, ", ")
}

// Reads are the event's fields that are looked up.
func (x *Lookup) Reads() []string { return eventFields(x.In) }

// Sets are the event's fields that are named; without OUTPUT only the table
// knows them.
func (x *Lookup) Sets() []string { return eventFields(x.Out) }

func eventFields(fields []LookupField) (out []string) {
	for _, f := range fields {
		out = append(out, f.Field)
	}
	return out
}

// Place is a row by itself.
func (x *Lookup) Place() Place { return EachRow }

func (x *Lookup) compile(c *compiler, in shape) (step, shape, *Error) {
	t := c.env.Tables.Find(x.Table)
	if t == nil {
		return step{}, in, c.unknownTable(x.at, x.Table)
	}
	c.used = append(c.used, t)
	keys, err := x.columns(c, t, x.In)
	if err != nil {
		return step{}, in, err
	}
	out := x.Out
	if out == nil { // all that is not looked up by
		for i, f := range t.Fields {
			if !slices.Contains(keys, i) {
				out = append(out, LookupField{f, f})
			}
		}
	}
	l := &lookingUp{cmd: x, find: c.env.shared.finder(t, keys), keys: keys, out: eventFields(out)}
	if l.columns, err = x.columns(c, t, out); err != nil {
		return step{}, in, err
	}
	return change(l.apply), in.with(l.out...), nil
}

// columns are the places of the fields in the table. One without fields has
// whatever is asked for.
func (x *Lookup) columns(c *compiler, t *Table, fields []LookupField) (out []int, err *Error) {
	for _, f := range fields {
		i := slices.Index(t.Fields, f.Table)
		if i < 0 && len(t.Fields) > 0 {
			return nil, c.fault(x.at, fmt.Sprintf("lookup table %q", x.Table), fmt.Sprintf("has no field %q", f.Table))
		}
		out = append(out, max(i, 0))
	}
	return out, nil
}

// lookingUp is a lookup that runs.
type lookingUp struct {
	cmd     *Lookup
	find    *finder
	keys    []int    // columns of the table looked up by
	columns []int    // columns taken
	out     []string // the fields they become
}

// maxLookedUp is how many values of a field are looked up.
const maxLookedUp = 1000

// apply sets the fields. A field of several values is looked up value by
// value. Where no row matches the fields stay as they are.
func (l *lookingUp) apply(r *rec) {
	vals, n := l.values(r)
	t := l.find.t
	got := make([][]string, len(l.columns))
	for i := range min(n, maxLookedUp) {
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
}

// values are those of each field that is looked up, and how often there is
// something to look up: never when a field is null.
func (l *lookingUp) values(r *rec) (vals [][]string, n int) {
	n = 1
	for _, f := range l.cmd.In {
		v := r.value(f.Field).List()
		if v == nil {
			return nil, 0
		}
		vals, n = append(vals, v), max(n, len(v))
	}
	return vals, n
}
