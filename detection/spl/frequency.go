package spl

import (
	"cmp"
	"slices"
	"strconv"

	"escutcheon/detection/spl/value"
)

// frequency is what top and rare have in common: they count the rows of each
// tuple of Fields within By.
type frequency struct {
	N      int // tuples kept within each By; 0 for all
	Fields []string
	By     []string
	Count  string // the column of the number; "" for none
	Share  string // the column of the percentage; "" for none
}

var everyFrequency = frequency{N: 10, Count: "count", Share: "percent"}

func (p *parser) frequency() (frequency, *Error) {
	x := everyFrequency
	if err := p.leadingCount(&x.N); err != nil {
		return x, err
	}
	into := &x.Fields
	for p.more() {
		if p.keyword("by") {
			into = &x.By
			continue
		}
		opt, err := p.option("limit", "countfield", "percentfield", "showcount", "showperc")
		switch {
		case err != nil:
		case opt.name != "":
			err = x.option(p, opt)
		default:
			var f string
			f, err = p.field()
			*into = append(*into, f)
		}
		if err != nil {
			return x, err
		}
	}
	if x.Fields == nil {
		return x, p.expected("a field name")
	}
	return x, nil
}

func (x *frequency) option(p *parser, opt option) (err *Error) {
	switch opt.name {
	case "limit":
		x.N, err = p.count(opt)
		return err
	case "countfield":
		x.Count = opt.value
		return nil
	case "percentfield":
		x.Share = opt.value
		return nil
	}
	var noCount, noShare bool
	err = p.flags(opt, nil, map[string]*bool{"showcount": &noCount, "showperc": &noShare})
	if noCount {
		x.Count = ""
	}
	if noShare {
		x.Share = ""
	}
	return err
}

func (x *frequency) text(o Origin) string {
	l := newLine(o).number("limit", x.N, everyFrequency.N)
	for _, c := range []struct{ column, name, unless, none string }{
		{x.Count, "countfield", everyFrequency.Count, "showcount=f"},
		{x.Share, "percentfield", everyFrequency.Share, "showperc=f"},
	} {
		if c.column == "" {
			l.add(c.none)
			continue
		}
		l.option(c.name, c.column, c.unless)
	}
	l.add(nameList(x.Fields))
	if x.By != nil {
		l.add("by", nameList(x.By))
	}
	return l.String()
}

// Reads are the fields of the tuple, then those after BY.
func (x *frequency) Reads() []string { return slices.Concat(x.Fields, x.By) }

// Sets are the columns of the number and of the percentage.
func (x *frequency) Sets() []string {
	return slices.DeleteFunc([]string{x.Count, x.Share}, func(n string) bool { return n == "" })
}

// names are those of the rows that it counts: what it makes are other rows.
func (x *frequency) names() []string { return x.Reads() }

// Place is all rows.
func (x *frequency) Place() Place { return AllRows }

// step counts; best says whether a count goes before another.
func (x *frequency) step(order func(a, b int64) int) (step, shape) {
	fields := slices.Concat(x.By, x.Fields)
	return step{rekeys: true, digest: &digest{fields: fields}, all: func(rows []*rec) []*rec {
		all, total := x.tally(rows, fields)
		return x.best(all, total, order)
	}}, shape{names: fields}.with(x.Sets()...)
}

// tally counts the rows of each tuple, and those of each BY tuple. A row that
// lacks a field does not count.
func (x *frequency) tally(rows []*rec, fields []string) (all []*rec, total map[string]int64) {
	counts := map[string]*rec{}
	total = map[string]int64{}
	for _, r := range rows {
		id, key, ok := r.tuple(fields)
		if !ok {
			continue
		}
		c := counts[id]
		if c == nil {
			c = &rec{shut: true, key: key, clock: r.clock}
			for i, f := range fields {
				c.cells = append(c.cells, cell{f, value.Text(key[i])})
			}
			counts[id] = c
			all = append(all, c)
		}
		c.weight += r.weight
		c.from = append(c.from, r.from...)
		total[KeyText(key[:len(x.By)])] += r.weight
	}
	return all, total
}

// best keeps the first N tuples within each BY tuple.
func (x *frequency) best(all []*rec, total map[string]int64, order func(a, b int64) int) []*rec {
	n := len(x.By)
	slices.SortStableFunc(all, func(a, b *rec) int {
		return cmp.Or(slices.Compare(a.key[:n], b.key[:n]), order(a.weight, b.weight), slices.Compare(a.key, b.key))
	})
	seen := map[string]int{}
	var out []*rec
	for _, r := range all {
		id := KeyText(r.key[:n])
		if seen[id]++; x.N > 0 && seen[id] > x.N {
			continue
		}
		if x.Count != "" {
			r.set(x.Count, value.Num(float64(r.weight)))
		}
		if x.Share != "" {
			share := 100 * float64(r.weight) / float64(total[id])
			r.set(x.Share, value.Text(strconv.FormatFloat(share, 'f', 6, 64)))
		}
		r.weight = 1
		out = append(out, r)
	}
	return out
}

// tuple is the values of some fields as one string; ok is false when one is
// null.
func (r *rec) tuple(fields []string) (id string, key []string, ok bool) {
	for _, f := range fields {
		v := r.value(f)
		if v.IsNull() {
			return "", nil, false
		}
		key = append(key, v.Text())
	}
	return KeyText(key), key, true
}
