package spl

import "strings"

// Chart makes a table: a row for each value of one field, and where there is a
// second field a column for each value of that.
type Chart struct {
	Origin
	pivot
}

var _ = register("chart", parseChart)

func parseChart(p *parser, o Origin) (*Chart, *Error) {
	x := &Chart{Origin: o, pivot: everyPivot}
	fields, err := p.pivotArgs(&x.pivot, "span", "bins")
	if err != nil {
		return nil, err
	}
	switch {
	case x.Row == "" && len(fields) == 2:
		x.Row, x.Col = fields[0], fields[1]
	case x.Row == "" && len(fields) == 1:
		x.Row = fields[0]
	case x.Row != "" && len(fields) == 1:
		x.Col = fields[0]
	case len(fields) > 0:
		return nil, p.fault(p.i, "BY", "has too many fields for chart: one for the rows and one for the columns")
	}
	return x, nil
}

// pivotArgs reads options, aggregates, OVER and BY. fields are those after BY.
func (p *parser) pivotArgs(x *pivot, spans ...string) (fields []string, err *Error) {
	by := false
	for p.more() {
		at := p.i
		opt, err := p.option(append(spans, pivotOptions...)...)
		switch {
		case err != nil:
		case opt.name == "span":
			err = x.span(p, opt)
		case opt.name != "" && opt.name != "bins" && !strings.HasSuffix(opt.name, "span"):
			err = x.option(p, opt)
		case opt.name != "":
			err = p.unsupported(opt)
		case !by && p.keyword("over"):
			x.Row, err = p.field()
		case p.keyword("by"):
			by = true
		case p.keyword("where"):
			if !by {
				return nil, p.fault(at, "where", "is not supported in the "+p.command+" command")
			}
			x.Where, err = p.pivotWhere()
		case by:
			var f string
			f, err = p.name(",()=[]")
			fields = append(fields, f)
		default:
			err = p.pivotAgg(x)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(x.Aggs) == 0 {
		return nil, p.expected("an aggregate such as count")
	}
	return fields, nil
}

func (x *Chart) String() string {
	a := Aggregation{Aggs: x.Aggs}
	l := x.options(newLine(x.Origin)).add(a.aggText())
	if x.Row != "" {
		l.add("by", nameText(x.Row), x.spanText())
	}
	if x.Col != "" {
		l.add(nameText(x.Col))
	}
	return l.add(x.Where.String()).String()
}

func (x *Chart) keyFields() []string {
	if x.Row == "" {
		return nil
	}
	return []string{x.Row}
}

func (x *Chart) compile(c *compiler, in shape) (step, shape, *Error) {
	aggs, out, err := x.compileAggs(c, x, in, x.keyFields()...)
	if err != nil {
		return step{}, in, err
	}
	rowOf := func(r *rec) []string { return x.cut(r) }
	if x.Row == "" {
		rowOf = func(*rec) []string { return []string{""} }
	}
	return step{digest: x.digest(), wide: func(e *exec, rows []*rec) []*rec {
		p, table := x.all(aggs, rows, 0, rowOf)
		p.tell(e, x.Origin)
		return table
	}}, out, nil
}
