package spl

import (
	"slices"
	"strconv"
)

// Dedup keeps the first N rows of each tuple of Fields, after a sort where
// there are keys for one.
type Dedup struct {
	Origin
	N         int
	Fields    []string
	KeepEmpty bool // rows that lack a field stay
	Run       bool // consecutive=t: of each run
	Sort      []SortKey
}

var _ = register("dedup", parseDedup)

func parseDedup(p *parser, o Origin) (*Dedup, *Error) {
	x := &Dedup{Origin: o, N: 1}
	p.space()
	at := p.i
	if err := p.leadingCount(&x.N); err != nil {
		return nil, err
	}
	if x.N == 0 {
		return nil, p.fault(at, `value "0"`, "is not supported")
	}
	for x.Sort == nil && p.more() {
		if err := x.arg(p); err != nil {
			return nil, err
		}
	}
	if x.Fields == nil {
		return nil, p.expected("a field name")
	}
	return x, nil
}

// arg reads an option, a field, or what it sorts by, which ends the command.
func (x *Dedup) arg(p *parser) (err *Error) {
	if p.keyword("sortby") {
		x.Sort, err = p.sortKeys()
		return err
	}
	opt, err := p.option("keepevents", "keepempty", "consecutive")
	if err != nil {
		return err
	}
	yes := false
	if opt.name != "" {
		if yes, err = p.truth(opt); err != nil {
			return err
		}
	}
	switch opt.name {
	case "keepempty":
		x.KeepEmpty = yes
	case "consecutive":
		x.Run = yes
	case "keepevents":
		if yes {
			return p.unsupported(opt)
		}
	default:
		f, err := p.field()
		x.Fields = append(x.Fields, f)
		return err
	}
	return nil
}

func (x *Dedup) String() string {
	l := newLine(x.Origin)
	if x.N != 1 {
		l.add(strconv.Itoa(x.N))
	}
	l.add(nameList(x.Fields)).flag("keepempty", x.KeepEmpty, false).flag("consecutive", x.Run, false)
	if x.Sort != nil {
		l.add("sortby " + sortText(x.Sort))
	}
	return l.String()
}

// Reads are the fields of the tuple.
func (x *Dedup) Reads() []string { return slices.Concat(x.Fields, sortFields(x.Sort)) }

// names are the fields of the tuple.
func (x *Dedup) names() []string { return x.Fields }

// Sets is nothing.
func (x *Dedup) Sets() []string { return nil }

// Place is all rows.
func (x *Dedup) Place() Place { return AllRows }

func (x *Dedup) compile(_ *compiler, in shape) (step, shape, *Error) {
	return step{all: x.choose, chooses: true}, in, nil
}

func (x *Dedup) choose(rows []*rec) []*rec {
	sortRows(rows, x.Sort)
	seen := map[string]int{}
	last := ""
	return slices.DeleteFunc(rows, func(r *rec) bool {
		id, _, ok := r.tuple(x.Fields)
		if !ok {
			return !x.KeepEmpty
		}
		if x.Run && id != last {
			clear(seen)
		}
		last = id
		seen[id]++
		return seen[id] > x.N
	})
}
