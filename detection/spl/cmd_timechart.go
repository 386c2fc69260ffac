package spl

import (
	"time"

	"escutcheon/detection/spl/value"
)

// Timechart is chart with spans of time as rows, also those in which there is
// nothing.
type Timechart struct {
	Origin
	pivot
	Bins  int
	Least value.Span // minspan=
	Gaps  bool       // cont=f: spans without rows are left out
	Short bool       // fixedrange=f: from the first row to the last, and not all of the time searched
}

var _ = register("timechart", parseTimechart)

// maxTimeRows bounds the rows of a timechart.
const maxTimeRows = 50_000

func parseTimechart(p *parser, o Origin) (*Timechart, *Error) {
	x := &Timechart{Origin: o, pivot: everyPivot, Bins: binsDefault}
	x.Row = timeField
	for {
		opt, err := p.option("span", "bins", "minspan", "cont", "fixedrange", "partial", "limit", "useother", "usenull",
			"otherstr", "nullstr", "sep", "format", "agg", "aligntime")
		if err != nil {
			return nil, err
		}
		if opt.name == "" {
			break
		}
		if err := x.option(p, opt); err != nil {
			return nil, err
		}
	}
	fields, err := p.pivotArgs(&x.pivot, "span")
	if err != nil {
		return nil, err
	}
	if x.Row != timeField || len(fields) > 1 {
		return nil, p.fault(p.i, "BY", "has too many fields for timechart: one for the columns")
	}
	if len(fields) == 1 {
		x.Col = fields[0]
	}
	if x.Number > 0 {
		x.Span, x.Number = value.Span{Every: value.Seconds(x.Number)}, 0
	}
	return x, nil
}

func (x *Timechart) option(p *parser, opt option) (err *Error) {
	yes := false
	switch opt.name {
	case "span":
		return x.span(p, opt)
	case "bins":
		if x.Bins, err = p.count(opt); err == nil && (x.Bins == 0 || x.Bins > maxTimeRows) {
			err = p.badOption(opt)
		}
		return err
	case "minspan":
		var ok bool
		if x.Least, ok = value.ParseSpan(opt.value); !ok {
			return p.badOption(opt)
		}
		return nil
	case "partial":
		_, err = p.truth(opt)
	case "cont":
		yes, err = p.truth(opt)
		x.Gaps = !yes
	case "fixedrange":
		yes, err = p.truth(opt)
		x.Short = !yes
	default:
		return x.pivot.option(p, opt)
	}
	return err
}

func (x *Timechart) String() string {
	l := newLine(x.Origin).add(x.spanText()).number("bins", x.Bins, binsDefault)
	if x.Least != (value.Span{}) {
		l.add("minspan=" + spanText(x.Least))
	}
	l.flag("cont", !x.Gaps, true).flag("fixedrange", !x.Short, true)
	a := Aggregation{Aggs: x.Aggs}
	x.options(l).add(a.aggText())
	if x.Col != "" {
		l.add("by", nameText(x.Col))
	}
	return l.add(x.Where.String()).String()
}

func (x *Timechart) keyFields() []string { return []string{timeField} }

func (x *Timechart) compile(c *compiler, in shape) (step, shape, *Error) {
	aggs, out, err := x.compileAggs(c, x, in, timeField)
	return step{digest: x.digest(), wide: func(e *exec, rows []*rec) []*rec { return x.table(e, aggs, rows) }}, out, err
}

// table makes the rows, and those of the spans between.
func (x *Timechart) table(e *exec, aggs []aggPlan, rows []*rec) []*rec {
	from, to, any := x.ends(e, rows)
	if !any {
		return nil
	}
	one := x.pivot
	if one.Span == (value.Span{}) {
		one.Span = spanOfTime(from, to, x.Bins, x.Least)
	}
	least := 0
	for t := one.Span.Floor(from); !x.Gaps && !t.After(to) && least < maxTimeRows; t = next(one.Span, t) {
		least++
	}
	p, out := one.all(aggs, rows, least, func(r *rec) []string { return one.cut(r) })
	p.tell(e, x.Origin)
	if x.Gaps {
		return out
	}
	byTime := map[string]*rec{}
	for _, r := range out {
		byTime[r.key[0]] = r
	}
	out = nil
	for t := one.Span.Floor(from); !t.After(to); t = next(one.Span, t) {
		key := value.FormatEpoch(t.UnixNano())
		r := byTime[key]
		if r == nil {
			r = p.row(key)
		}
		if out = append(out, r); len(out) == maxTimeRows {
			e.cut(x.Pos, "timechart has more than %d rows: the first ones are shown", maxTimeRows)
			break
		}
	}
	return out
}

// ends are the first and the last moment of the table: those of the rows, and of
// the time that is searched.
func (x *Timechart) ends(e *exec, rows []*rec) (from, to time.Time, any bool) {
	for _, r := range rows {
		t, ok := epochOf(r.value(timeField))
		if !ok {
			continue
		}
		if !any || t.Before(from) {
			from = t
		}
		if !any || t.After(to) {
			to = t
		}
		any = true
	}
	if any && !x.Short && !e.opt.Earliest.IsZero() && !e.opt.Latest.IsZero() {
		from, to = e.opt.Earliest, e.opt.Latest.Add(-1)
	}
	return from, to, any
}
