package spl

import (
	"slices"
)

// fold is an aggregation of events: what a State keeps for each key.
type fold struct {
	*Aggregation
	aggs  []aggPlan
	model Model // whose fields the events show; nil for none
}

// planAny plans a search, as one that is Whole where it must be.
func (p *Plan) planAny(c *compiler, pipe Pipeline) *Error {
	reason := wholeReason(pipe)
	c.terms, c.indexes, c.index = c.hasTerms(pipe), hasPassed(pipe), readsIndex(pipe)
	switch {
	case reason == nil:
		return p.plan(c, pipe)
	case !c.env.Whole:
		return reason
	}
	q, err := newQuery(c, p.search, pipe)
	if err != nil {
		return err
	}
	q.plan, p.whole = p, q
	p.columns, p.by = q.Columns(), q.by
	if p.by == nil {
		p.by = q.Columns()
	}
	return nil
}

// plan cuts the pipeline into its three parts and compiles them.
func (p *Plan) plan(c *compiler, pipe Pipeline) *Error {
	for _, cmd := range pipe[1:] {
		if cmd.Place() == Starts {
			return refuse(cmd, "", "is supported as the first command only")
		}
	}
	cut := cutOf(pipe)
	in, err := p.stream(c, pipe[:cut])
	if err != nil {
		return err
	}
	if cut == len(pipe) || pipe[cut].Place() < Aggregates {
		p.distinct(c, pipe, in)
		return p.tail(c, pipe[cut:])
	}
	st, _, err := c.step(pipe[cut], in)
	if err != nil {
		return err
	}
	p.ask(st)
	p.aggregate(st.fold)
	return p.tail(c, pipe[cut+1:])
}

// cutOf is where the streaming part ends: at the first command that
// aggregates; or, where there is none, at the first that needs all rows or
// stands in a macro that is Aside.
func cutOf(pipe Pipeline) int {
	aggregates := slices.IndexFunc(pipe, func(c Command) bool { return c.Place() >= Aggregates })
	for i, cmd := range pipe {
		place := cmd.Place()
		switch {
		case place >= AllRows:
			return i
		case aggregates < 0 && (place == Ordering || cmd.From().Aside):
			return i
		}
	}
	return len(pipe)
}

// stream compiles the commands before the aggregation. Those of the order of
// rows are passed over: what follows has its own.
func (p *Plan) stream(c *compiler, pipe Pipeline) (shape, *Error) {
	in := shape{open: true}
	for i, cmd := range pipe {
		if cmd.Place() == Ordering {
			continue
		}
		st, out, err := c.step(cmd, in)
		if err != nil {
			return in, err
		}
		in = out
		p.asideStreams = p.asideStreams || st.from.Aside
		p.timed = p.timed || !st.timely && slices.Contains(namesOf(cmd), timeField)
		if st.asks != nil && i == len(p.first) {
			p.ask(st)
			continue
		}
		p.before = append(p.before, st)
	}
	return in, nil
}

// ask adds what an event must meet before all else.
func (p *Plan) ask(st step) {
	if st.asks != nil {
		p.first, p.filter = append(p.first, st.asks), append(p.filter, st.asked)
	}
}

// aggregate takes over the first aggregation. What the times of the events
// give needs no slot, where no command may have changed them.
func (p *Plan) aggregate(f *fold) {
	p.by, p.span = f.By, f.Span
	if f.model != nil {
		p.model, p.prefix = f.model, f.model.Prefix()
	}
	p.aggs = f.aggs
	for i := range p.aggs {
		a := &p.aggs[i]
		a.slot = -1
		clock := a.Field == timeField && a.Expr == nil && !p.timed &&
			(a.Func == "count" || a.Func == "min" || a.Func == "max")
		if a.in != nil && !clock {
			a.slot = len(p.slots)
			p.slots = append(p.slots, *a)
		}
	}
	p.stored = len(p.slots)
	p.columns = slices.Clone(f.By)
	for _, a := range p.aggs {
		p.columns = append(p.columns, a.As)
	}
}

// distinct stands for the aggregation of a search that has none: equal rows
// are one. Its columns are those that are known, else the usual ones (Env)
// and all that the search names.
func (p *Plan) distinct(c *compiler, pipe Pipeline, in shape) {
	p.plain = true
	p.by = in.names
	if in.open {
		p.by = usualColumns(c.env, pipe, in.names)
	}
	p.columns = slices.Clone(p.by)
}

// tail compiles the commands after the aggregation.
func (p *Plan) tail(c *compiler, pipe Pipeline) *Error {
	in := shape{names: p.columns}
	a := early{c: c}
	for _, g := range p.aggs {
		a.late = append(a.late, g.As)
	}
	for _, cmd := range pipe {
		st, out, err := c.step(cmd, in)
		if err != nil {
			return err
		}
		a.add(cmd, &st, in)
		p.after, in = append(p.after, st), out
	}
	if p.columns, p.early = in.names, a.steps[:a.most]; a.most > 0 {
		p.idles = &idles{}
	}
	p.local, p.asideKeeps = true, true
	for _, st := range p.after {
		p.asideKeeps = p.asideKeeps && (st.keeps || !st.from.Aside)
	}
	for i := len(p.after) - 1; i >= 0; i-- {
		st := &p.after[i]
		if st.one == nil && !(st.orders && p.local) {
			p.local = false
		}
	}
	if p.local { // no row depends on the order of rows
		p.after = slices.DeleteFunc(p.after, func(s step) bool { return s.one == nil })
	}
	return nil
}
