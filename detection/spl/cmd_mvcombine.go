package spl

import (
	"slices"
	"strconv"

	"escutcheon/detection/spl/value"
)

// Mvcombine makes one row of those that differ in Field only.
type Mvcombine struct {
	Origin
	Field string
}

var _ = register("mvcombine", parseMvcombine)

// parseMvcombine reads delim= too, which is about how Splunk shows the values.
func parseMvcombine(p *parser, o Origin) (*Mvcombine, *Error) {
	if _, err := p.option("delim"); err != nil {
		return nil, err
	}
	f, err := p.field()
	return &Mvcombine{o, f}, err
}

func (x *Mvcombine) String() string { return "mvcombine " + nameText(x.Field) }

// Reads is the field.
func (x *Mvcombine) Reads() []string { return []string{x.Field} }

// Sets is the field.
func (x *Mvcombine) Sets() []string { return []string{x.Field} }

// Place is all rows.
func (x *Mvcombine) Place() Place { return AllRows }

func (x *Mvcombine) compile(_ *compiler, in shape) (step, shape, *Error) {
	return step{all: func(rows []*rec) []*rec { return x.combine(rows, in.names) }}, in, nil
}

// combine adds a row to the last that begins one with the same other columns:
// the first of them, or one without the field.
func (x *Mvcombine) combine(rows []*rec, columns []string) []*rec {
	first := map[string]*rec{}
	var out []*rec
	for _, r := range rows {
		id := x.others(r, columns)
		old := first[id]
		if old == nil || r.value(x.Field).IsNull() {
			first[id] = r
			out = append(out, r)
			continue
		}
		l := slices.Concat(old.value(x.Field).List(), r.value(x.Field).List())
		old.set(x.Field, value.ListOf(l))
		old.from = append(old.from, r.from...)
	}
	return out
}

// others is what a row has in the other columns.
func (x *Mvcombine) others(r *rec, columns []string) string {
	var key []string
	for _, c := range columns {
		if c != x.Field {
			v := r.value(c)
			key = append(key, strconv.Itoa(int(v.Kind())), v.Text())
		}
	}
	return KeyText(key)
}
