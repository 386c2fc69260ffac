package spl

import (
	"slices"

	"escutcheon/detection/spl/value"
)

// Inputlookup makes rows of a lookup table's.
type Inputlookup struct {
	Origin
	Append bool // after those that there are
	Table  string
	Start  int
	Max    int  // rows; 0 for all
	Where  Expr // nil for all
	at     int
}

var _ = register("inputlookup", parseInputlookup)

func parseInputlookup(p *parser, o Origin) (*Inputlookup, *Error) {
	x := &Inputlookup{Origin: o}
	for !p.end() {
		opt, err := p.option("append", "strict", "start", "max")
		switch {
		case err != nil:
		case opt.name == "append":
			x.Append, err = p.truth(opt)
		case opt.name == "strict":
			_, err = p.truth(opt)
		case opt.name == "start":
			x.Start, err = p.count(opt)
		case opt.name == "max":
			x.Max, err = p.count(opt)
		case x.Table == "":
			x.at = p.i
			x.Table, err = p.field()
		case p.word1("WHERE") != "":
			x.Where, err = p.and()
		default:
			err = p.unexpected()
		}
		if err != nil {
			return nil, err
		}
	}
	if x.Table == "" {
		return nil, p.expected("the name of a lookup table")
	}
	return x, nil
}

func (x *Inputlookup) String() string {
	l := newLine(x.Origin).flag("append", x.Append, false).number("start", x.Start, 0).number("max", x.Max, 0).
		add(nameText(x.Table))
	if x.Where != nil {
		l.add("where", conditionText(x.Where))
	}
	return l.String()
}

// Reads are the fields of the condition: columns of the table.
func (x *Inputlookup) Reads() []string {
	if x.Where == nil {
		return nil
	}
	return conditionFields(x.Where)
}

// Sets is what the table has.
func (x *Inputlookup) Sets() []string { return nil }

// Place is all rows of a search that is run whole.
func (x *Inputlookup) Place() Place { return Whole }

func (x *Inputlookup) starts() bool { return !x.Append }

func (x *Inputlookup) subs() []*Sub { return subsIn(x.Where) }

func (x *Inputlookup) asks() {}

func (x *Inputlookup) compile(c *compiler, in shape) (step, shape, *Error) {
	t := c.env.Tables.Find(x.Table)
	if t == nil {
		return step{}, in, c.unknownTable(x.at, x.Table)
	}
	c.used = append(c.used, t)
	var asked matcher = always{}
	if x.Where != nil {
		asked = c.env.matcher(c.condition(x.Where))
	}
	own := shape{names: t.Fields}
	if c.firstOf {
		return step{make: func(e *exec, emit func(*rec) bool) { x.rows(e, t, asked, emit) }}, own, nil
	}
	return step{wide: func(e *exec, rows []*rec) []*rec {
		x.rows(e, t, asked, func(r *rec) bool {
			rows = append(rows, r)
			return len(rows) < e.opt.Limits.Rows
		})
		return rows
	}}, in.beside(own), nil
}

func (x *Inputlookup) rows(e *exec, t *Table, asked matcher, emit func(*rec) bool) {
	left := x.Max
	for _, row := range t.Rows[min(x.Start, len(t.Rows)):] {
		cells := make([]cell, 0, len(row))
		for i, s := range row {
			if s != "" && !slices.ContainsFunc(cells, func(c cell) bool { return c.name == t.Fields[i] }) {
				cells = append(cells, cell{t.Fields[i], value.Whole(s)})
			}
		}
		r := e.made(cells)
		if !asked.match(r) {
			continue
		}
		if left--; !emit(r) || left == 0 {
			return
		}
	}
}
