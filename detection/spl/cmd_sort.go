package spl

import (
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// Sort orders the rows and keeps the first Limit of them; 0 keeps all.
type Sort struct {
	Origin
	Limit int
	Keys  []SortKey
}

var _ = register("sort", parseSort)

// sortLimit is how many rows sort keeps when it is given no number.
const sortLimit = 10_000

func parseSort(p *parser, o Origin) (*Sort, *Error) {
	x := &Sort{Origin: o, Limit: sortLimit}
	if err := x.limit(p); err != nil {
		return nil, err
	}
	p.keyword("by")
	var err *Error
	if x.Keys, err = p.sortKeys(); err != nil {
		return nil, err
	}
	if p.word1("DESC", "D") != "" {
		for i := range x.Keys {
			x.Keys[i].Desc = !x.Keys[i].Desc
		}
	}
	return x, nil
}

// limit reads limit=N or N.
func (x *Sort) limit(p *parser) *Error {
	opt, err := p.option("limit")
	if err != nil {
		return err
	}
	if opt.name != "" {
		x.Limit, err = p.count(opt)
		return err
	}
	n := value.Digits(p.s[p.i:])
	if n > 0 && (p.i+n == len(p.s) || strings.IndexByte(" \t\r\n+-,", p.s[p.i+n]) >= 0) {
		x.Limit, err = p.digitsAt(n)
	}
	return err
}

func (x *Sort) String() string {
	l := newLine(x.Origin)
	if x.Limit != sortLimit {
		l.add(strconv.Itoa(x.Limit))
	}
	return l.add(sortText(x.Keys)).String()
}

// Reads are the fields that it sorts by.
func (x *Sort) Reads() []string { return sortFields(x.Keys) }

// Sets is nothing.
func (x *Sort) Sets() []string { return nil }

// Place is the order of the rows.
func (x *Sort) Place() Place { return Ordering }

func (x *Sort) compile(_ *compiler, in shape) (step, shape, *Error) {
	return step{all: x.sort, orders: x.Limit == 0 || x.Limit == sortLimit}, in, nil
}

func (x *Sort) sort(rows []*rec) []*rec {
	sortRows(rows, x.Keys)
	if x.Limit > 0 {
		rows = rows[:min(x.Limit, len(rows))]
	}
	return rows
}
