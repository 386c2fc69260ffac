package spl

import (
	"iter"
	"slices"
	"sync"
	"time"

	"escutcheon/detection/spl/value"
)

// rec is what the commands work on: an event with what the commands before
// have set over it, or a row, which is nothing but its cells.
type rec struct {
	e     Event // nil for a row
	cells []cell
	shut  bool    // table and fields: the event's own fields are gone
	hide  []glob  // fields -: names that are gone
	fill  *string // fillnull without names: what stands for null
	gone  bool    // set aside
	doubt Doubt   // not decided
	kept  []cell  // as it stood before the macro that may set it aside

	meter  *Meter // see within
	weight int64  // how many equal rows it stands for
	from   []int  // the groups it was made of
	key    []string
	id     int   // tells rows of one key apart
	clock  int64 // of a row: its last event's time, in nanoseconds
	first  int64 // in a Query: its first event's time
	count  int64 // in a Query: its events
}

// cell is one field that a command has set; null hides the event's.
type cell struct {
	name string
	v    value.Value
}

var recPool = sync.Pool{New: func() any { return new(rec) }}

// newRec is an empty row in the memory of one that was freed.
func newRec() *rec {
	r := recPool.Get().(*rec)
	r.weight = 1
	return r
}

// free gives a row's memory back: nothing holds it or its cells any more.
func (r *rec) free() {
	cells := r.cells[:cap(r.cells)]
	clear(cells)
	if *r = (rec{}); len(cells) <= manyCells {
		r.cells = cells[:0]
	}
	recPool.Put(r)
}

// value is a field's value.
func (r *rec) value(name string) value.Value {
	for i := len(r.cells) - 1; i >= 0; i-- {
		if r.cells[i].name == name {
			return r.cells[i].v
		}
	}
	if !r.shut && r.e != nil && !slices.ContainsFunc(r.hide, func(g glob) bool { return g.match(name) }) {
		if s, ok := lookup(r.e, name); ok {
			if l := listOf(r.e, name); len(l) > 1 {
				return value.ListOf(l)
			}
			return value.Whole(s)
		}
	}
	if r.fill != nil && name != timeField {
		return value.Text(*r.fill)
	}
	return value.Null
}

// set gives a field a value; a truth is kept as text.
func (r *rec) set(name string, v value.Value) {
	if v.IsTruth() {
		v = value.Text(v.Text())
	}
	if v.IsList() {
		r.within().hold(valueSize * len(v.List()))
	}
	for i := range r.cells {
		if r.cells[i].name == name {
			r.cells[i].v = v
			return
		}
	}
	r.cells = append(r.cells, cell{name, v})
}

// clone is a copy whose cells can be set by themselves.
func (r *rec) clone() *rec {
	r.within().Spend(stepCost)
	r.meter.hold(recSize + cellSize*len(r.cells))
	c := *r
	c.cells = slices.Clone(r.cells)
	return &c
}

// valueSize is about how many bytes a value of a list takes beside its text.
const valueSize = 16

// each is a clone for an expression that is tried with many values of a field,
// and says before each whether there may be one more: such expressions nest.
func (r *rec) each() (with *rec, more func() bool) {
	m := r.within()
	return r.clone(), func() bool { return m.Spend(stepCost) }
}

// Get makes a rec an Event: the first value of a field.
func (r *rec) Get(name string) (string, bool) {
	v := r.value(name)
	if v.IsList() {
		return v.List()[0], true
	}
	return v.Text(), !v.IsNull()
}

// Time is the event's own time.
func (r *rec) Time() time.Time {
	if r.e == nil {
		return time.Time{}
	}
	return r.e.Time()
}

// fetch is lookup for a field that may hold a list: its first value and the
// others.
func fetch(e Event, name string) (first string, more []string, ok bool) {
	r, isRec := e.(*rec)
	if !isRec {
		if l := listOf(e, name); len(l) > 1 {
			return l[0], l[1:], true
		}
		first, ok = lookup(e, name)
		return first, nil, ok
	}
	v := r.value(name)
	if v.IsList() {
		l := v.List()
		return l[0], l[1:], true
	}
	return v.Text(), nil, !v.IsNull()
}

// manyCells is from where on a row's cells are not looked through for each column.
const manyCells = 64

// values finds the values of a row that is nothing but its cells.
func (r *rec) values() func(string) value.Value {
	all := make(map[string]value.Value, len(r.cells))
	for _, c := range r.cells {
		all[c.name] = c.v
	}
	return func(name string) value.Value { return all[name] }
}

// row is the finished row: its columns, without the null ones.
func (r *rec) row(columns []string) Row {
	out := make(Row, 0, len(columns))
	get := r.value
	if len(r.cells) > manyCells && r.shut && r.fill == nil {
		get = r.values()
	}
	for _, name := range columns {
		v := get(name)
		if v.IsNull() {
			continue
		}
		f := Field{Name: name, Value: v.Text()}
		if v.IsList() {
			f.cuts = cutsOf(v.List())
		}
		out = append(out, f)
	}
	return out
}

// names are the fields that a row has: those that commands have set, then those
// that its event names.
func (r *rec) names() iter.Seq[string] {
	return func(yield func(string) bool) {
		seen := make(map[string]bool, len(r.cells))
		for _, c := range r.cells {
			twice := seen[c.name]
			seen[c.name] = true
			if !twice && !c.v.IsNull() && !yield(c.name) {
				return
			}
		}
		e, ok := r.e.(Named)
		if !ok || r.shut {
			return
		}
		for name := range e.Names {
			if !seen[name] && !r.value(name).IsNull() && !yield(name) {
				return
			}
		}
	}
}
