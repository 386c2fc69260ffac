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
	first := map[string]*combined{}
	var all []*combined
	for _, r := range rows {
		id, v := x.others(r, columns), r.value(x.Field)
		if c := first[id]; c != nil && !v.IsNull() {
			c.add(x.Field, v.List())
			c.from = append(c.from, r.from...)
			continue
		}
		first[id] = &combined{rec: r}
		all = append(all, first[id])
	}
	out := make([]*rec, len(all))
	for i, c := range all {
		if out[i] = c.rec; c.values != nil {
			c.set(x.Field, value.ListOf(c.values))
		}
	}
	return out
}

// combined is a row to which others are added, and once one is the values of
// the field, with their length in bytes.
type combined struct {
	*rec
	values []string
	sum    int
}

// add keeps as many values as a list holds.
func (c *combined) add(field string, more []string) {
	if c.values == nil {
		c.values = slices.Clone(c.value(field).List())
		for _, s := range c.values {
			c.sum += len(s)
		}
	}
	for _, s := range more {
		n := len(c.values)
		if n >= value.MaxList || n > 0 && c.sum+len(s) > value.MaxSum {
			return
		}
		c.values, c.sum = append(c.values, s), c.sum+len(s)
	}
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
