package spl

import "slices"

// Union (union, multisearch) puts the rows of subsearches together, after those
// that there are.
type Union struct {
	Origin
	Options SubOptions
	Subs    []*Sub
}

var _ = register("union", parseUnion)

func parseUnion(p *parser, o Origin) (*Union, *Error) {
	x := &Union{Origin: o}
	for p.more() {
		if err := x.Options.read(p, nil); err != nil {
			return nil, err
		}
		sub, err := p.subsearch()
		if err != nil {
			return nil, err
		}
		x.Subs = append(x.Subs, sub)
	}
	if x.Subs == nil {
		return nil, p.expected("a subsearch in brackets")
	}
	return x, nil
}

func (x *Union) String() string {
	l := x.Options.add(newLine(x.Origin))
	for _, s := range x.Subs {
		l.add(s.String())
	}
	return l.String()
}

// Reads is nothing.
func (x *Union) Reads() []string { return nil }

// Sets is nothing.
func (x *Union) Sets() []string { return nil }

// Place is all rows of a search that is run whole.
func (x *Union) Place() Place { return Whole }

func (x *Union) subs() []*Sub { return x.Subs }

func (x *Union) starts() bool { return x.Name == "multisearch" }

func (x *Union) compile(c *compiler, in shape) (step, shape, *Error) {
	all := c.nested
	out := in
	if c.firstOf {
		out = all[0].out
	}
	for _, s := range all {
		out = out.beside(s.out)
	}
	return step{wide: func(e *exec, rows []*rec) []*rec {
		n, long := x.Options.limits(e)
		if x.starts() { // it has no limit in Splunk: what it holds is bounded
			n, long = e.opt.Limits.Rows, forEver
		}
		for _, s := range all {
			if rows = slices.Concat(rows, e.sub(s, n, long)); len(rows) > e.opt.Limits.Rows {
				e.full(x)
				rows = rows[:e.opt.Limits.Rows]
				break
			}
		}
		if !slices.ContainsFunc(rows, func(r *rec) bool { return r.shut }) { // events in the order of time
			slices.SortStableFunc(rows, newer)
		}
		return rows
	}}, out, nil
}
