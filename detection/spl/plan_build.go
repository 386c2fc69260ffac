package spl

import (
	"fmt"
	"slices"
	"strings"

	"escutcheon/detection/spl/agg"
	"escutcheon/detection/spl/value"
)

// plan cuts the pipeline into its three parts and compiles them.
func (p *Plan) plan(c *compiler, pipe Pipeline) *Error {
	for i, cmd := range pipe {
		if t, ok := cmd.(*Tstats); ok {
			if i > 0 {
				return refuse(t, "", "is supported as the first command only")
			}
			return p.planTstats(c, t, pipe)
		}
	}
	cut := p.cut(pipe)
	in := shape{open: true}
	var err *Error
	if in, err = p.stream(c, pipe[:cut], in); err != nil {
		return err
	}
	rest := pipe[cut:]
	if cut < len(pipe) {
		if st, ok := pipe[cut].(*Stats); ok && st.Name == "stats" {
			if err := p.aggregate(c, st, in); err != nil {
				return err
			}
			rest = pipe[cut+1:]
			return p.tail(c, rest)
		}
	}
	p.distinct(pipe, in)
	return p.tail(c, rest)
}

// cut is where the streaming part ends: at the first stats; or, where there is
// none, at the first command that needs all rows or stands in the rule's
// filter.
func (p *Plan) cut(pipe Pipeline) int {
	stats := slices.IndexFunc(pipe, func(c Command) bool { st, ok := c.(*Stats); return ok && st.Name == "stats" })
	for i, cmd := range pipe {
		if i == stats || stats < 0 && cmd.origin().Aside {
			return i
		}
		switch x := cmd.(type) {
		case *Stats, *Dedup, *Head, *Top, *Combine:
			return i
		case *Sort, *Reverse: // a stats that follows has its own order
			if stats < 0 {
				return i
			}
		case *Search, *Where:
			_ = x
		}
	}
	return len(pipe)
}

// stream compiles the commands before the aggregation.
func (p *Plan) stream(c *compiler, pipe Pipeline, in shape) (shape, *Error) {
	var filter every
	var first []Expr
	for i, cmd := range pipe {
		p.asideStreams = p.asideStreams || cmd.origin().Aside
		if s, ok := cmd.(*Search); ok && i == len(filter) {
			filter, first = append(filter, c.env.matcher(s.Expr)), append(first, s.Expr)
			continue
		}
		switch cmd.(type) {
		case *Sort, *Reverse:
			continue
		}
		c.now = cmd.origin().Name
		st, out, done, err := c.row(cmd, in)
		if err != nil {
			return in, err
		}
		if !done {
			return in, refuse(cmd, "", "is not supported here")
		}
		p.before, in = append(p.before, st), out
	}
	p.filter = filter
	if len(filter) == 1 {
		p.filter = filter[0]
	}
	p.first = first
	return in, nil
}

func (p *Plan) planTstats(c *compiler, t *Tstats, pipe Pipeline) *Error {
	if t.Model != "" {
		m, ok := c.env.model(t.Model)
		if !ok || m == nil {
			return refuse(t, fmt.Sprintf("data model %q", t.Model), "is not supported without the name of its dataset")
		}
		p.model, p.prefix = m, m.Prefix()
	}
	p.filter = every{}
	var first []Expr
	if t.Where != nil {
		p.filter, first = c.env.matcher(t.Where), []Expr{t.Where}
	}
	p.first = first
	if err := p.aggregate(c, &t.Stats, shape{open: true}); err != nil {
		return err
	}
	return p.tail(c, pipe[1:])
}

// aggregate compiles the first aggregation.
func (p *Plan) aggregate(c *compiler, st *Stats, in shape) *Error {
	c.now = st.Name
	p.by, p.span = st.By, st.Span
	aggs, err := c.aggs(st, in)
	if err != nil {
		return err
	}
	timed := p.setsTime()
	for i := range aggs {
		a := &aggs[i]
		a.slot = -1
		clock := a.Field == timeField && a.Expr == nil && !timed && (a.Func == "count" || a.Func == "min" || a.Func == "max")
		if a.in != nil && !clock {
			a.slot = len(p.slots)
			p.slots = append(p.slots, *a)
		}
	}
	p.aggs, p.stored = aggs, len(p.slots)
	p.columns = slices.Clone(st.By)
	for _, a := range aggs {
		p.columns = append(p.columns, a.As)
	}
	return nil
}

// setsTime says whether a command before the aggregation may set _time.
func (p *Plan) setsTime() bool {
	for i := range p.pipe {
		switch x := p.pipe[i].(type) {
		case *Stats, *Tstats:
			return false
		case *Bin:
			if x.As == timeField {
				return true
			}
		case *Search, *Where, *Regex, *Expand, *Sort:
		default:
			if slices.Contains(fieldsOf(x), timeField) {
				return true
			}
		}
	}
	return false
}

// aggs compiles aggregates.
func (c *compiler) aggs(st *Stats, in shape) ([]aggPlan, *Error) {
	out, err := c.inputs(st, in)
	for i := range out {
		if a := &out[i]; err == nil && a.in != nil {
			var e error
			if a.keep, e = agg.Maker(a.Func, a.Arg); e != nil {
				err = refuse(st, fmt.Sprintf("aggregate %q", a.Func), "is not supported")
			}
		}
	}
	return out, err
}

// inputs compiles what is aggregated. Wildcards stand for the columns that are
// known.
func (c *compiler) inputs(st *Stats, in shape) ([]aggPlan, *Error) {
	var out []aggPlan
	for _, a := range st.Aggs {
		if a.Expr != nil {
			f, err := c.expr(a.Expr)
			if err != nil {
				return nil, err
			}
			out = append(out, aggPlan{Agg: a, in: f})
			continue
		}
		if a.Field == "" {
			out = append(out, aggPlan{Agg: a})
			continue
		}
		if strings.Contains(a.Field, "*") {
			if in.open {
				return nil, refuse(st, fmt.Sprintf("wildcard in %q", a.Func+"("+a.Field+")"), "is not supported where the fields are not known")
			}
			out = append(out, wildAggs(a, st, in)...)
			continue
		}
		out = append(out, fieldAgg(a))
	}
	return out, nil
}

func fieldAgg(a Agg) aggPlan {
	name := a.Field
	return aggPlan{Agg: a, in: func(r *rec) value.Value { return r.value(name) }}
}

func wildAggs(a Agg, st *Stats, in shape) (out []aggPlan) {
	for _, n := range in.names {
		got, ok := capture(a.Field, n)
		if !ok || slices.Contains(st.By, n) {
			continue
		}
		one := a
		one.Field = n
		one.As = a.Func + "(" + n + ")"
		if strings.Count(a.As, "*") == len(got) && a.As != a.Func+"("+a.Field+")" {
			one.As = fill(a.As, got)
		}
		out = append(out, fieldAgg(one))
	}
	return out
}

// distinct stands for the aggregation of a search that has none: equal rows
// are one. Its columns are those that are known, else the usual ones and all
// that the search names.
func (p *Plan) distinct(pipe Pipeline, in shape) {
	p.plain = true
	p.by = in.names
	if in.open {
		p.by = nil
		names := []string{timeField, "dest", "source", "EventCode", "user"}
		for _, cmd := range pipe {
			names = append(names, fieldsOf(cmd)...)
		}
		for _, n := range append(append(names, in.names...), rawField) {
			if !slices.Contains(p.by, n) && !strings.Contains(n, "*") {
				p.by = append(p.by, n)
			}
		}
	}
	p.columns = slices.Clone(p.by)
}

// tail compiles the commands after the aggregation.
func (p *Plan) tail(c *compiler, pipe Pipeline) *Error {
	in := shape{names: p.columns}
	for _, cmd := range pipe {
		c.now = cmd.origin().Name
		st, out, done, err := c.row(cmd, in)
		if !done && err == nil {
			st, out, done, err = c.rows(cmd, in)
		}
		if err != nil {
			return err
		}
		if !done {
			return refuse(cmd, "", "is not supported after stats")
		}
		p.after, in = append(p.after, st), out
	}
	p.columns = in.names
	p.local = true
	for i := len(p.after) - 1; i >= 0; i-- {
		st := &p.after[i]
		if st.one == nil && !(st.sort && p.local) {
			p.local = false
		}
	}
	if p.local { // no row depends on the order of rows
		p.after = slices.DeleteFunc(p.after, func(s step) bool { return s.one == nil })
	}
	return nil
}
