package spl

import (
	"slices"
	"strings"

	"escutcheon/detection/spl/value"
)

// pipe is a pipeline that is ready to run whole.
type pipe struct {
	stages []stage
	out    shape
	over   bool // it works on rows that it is given, and starts from nothing
}

// stage is one command of it.
type stage struct {
	cmd  Command
	step step
	in   shape
	late bool // it needs to know the columns of the rows that it gets

	times *timeRange // of the events that meet it, where it bounds them
	first bool       // it starts from nothing
	subs  []*subPipe
}

// subPipe is a subsearch that is ready to run.
type subPipe struct {
	*pipe
	sub *Sub
}

// later is a command that can only be compiled when its rows are at hand, for
// it depends on the names of their columns.
type later interface{ later(in shape) bool }

// pipe compiles a pipeline. given is what is known of the rows that it works on,
// nil where it starts from events.
func (c *compiler) pipe(commands Pipeline, given *shape) (*pipe, *Error) {
	out := &pipe{over: given != nil}
	in := shape{open: true}
	if given != nil {
		in = *given
	}
	for i, cmd := range commands {
		if s, ok := cmd.(starter); ok && s.starts() && (i > 0 || out.over) {
			return nil, refuse(cmd, "", "is supported as the first command only")
		}
		st := stage{cmd: cmd, in: in}
		if l, ok := cmd.(later); ok && in.open {
			st.late = l.later(in)
		}
		for _, sub := range subsOf(cmd) {
			p, err := c.subPipe(cmd, sub, in)
			if err != nil {
				return nil, err
			}
			st.subs = append(st.subs, p)
		}
		if st.late {
			out.stages, in = append(out.stages, st), shape{open: true, rows: true}
			continue
		}
		var err *Error
		st.first = i == 0 && !out.over
		c.nested, c.firstOf = st.subs, st.first
		st.step, in, err = c.step(cmd, in)
		if err != nil {
			return nil, err
		}
		out.stages = append(out.stages, st)
	}
	out.out = in
	return out, nil
}

// overRows is a command whose subsearch works on the rows that it gets itself.
type overRows interface{ overRows() }

func (c *compiler) subPipe(cmd Command, sub *Sub, in shape) (*subPipe, *Error) {
	var given *shape
	if _, ok := cmd.(overRows); ok {
		given = &in
	}
	p, err := c.pipe(sub.Pipe, given)
	return &subPipe{p, sub}, err
}

// starter is a command that makes or finds its rows itself, so that nothing may
// stand before it.
type starter interface{ starts() bool }

// columns are those that are known, else the usual ones and all that the search
// names.
func (p *pipe) columns(env *Env, commands Pipeline) []string {
	if p.out.open && !p.out.rows {
		return usualColumns(env, commands, p.out.names)
	}
	return slices.Clone(p.out.names)
}

// keyed is a command that makes rows of others, one for each tuple of some fields.
type keyed interface{ keyFields() []string }

// keysOf are the fields whose values are a row's key: those of the last
// aggregation; nil where there is none.
func keysOf(commands Pipeline) []string {
	for _, cmd := range slices.Backward(commands) {
		if k, ok := cmd.(keyed); ok && cmd.Place() >= Aggregates {
			return k.keyFields()
		}
	}
	return nil
}

// usualColumns are the columns of a search that does not say which it has: the
// usual ones (Env) and all that it names.
func usualColumns(env *Env, pipe Pipeline, known []string) (out []string) {
	names := append([]string{timeField}, env.Columns...)
	for _, cmd := range pipe {
		names = append(names, namesOf(cmd)...)
	}
	for _, n := range append(append(names, known...), rawField) {
		if !slices.Contains(out, n) && !strings.Contains(n, "*") {
			out = append(out, n)
		}
	}
	return out
}

// scansOf appends what a pipeline and its subsearches start from.
func scansOf(env *Env, commands Pipeline, out []Scan) []Scan {
	if s, ok := scanOf(env, commands); ok {
		s.asked = env.matcher(And(s.First))
		out = append(out, s)
	}
	for _, cmd := range commands {
		_, over := cmd.(overRows)
		for _, sub := range subsOf(cmd) {
			if !over {
				out = scansOf(env, sub.Pipe, out)
				continue
			}
			for _, inner := range sub.Pipe {
				for _, s := range subsOf(inner) {
					out = scansOf(env, s.Pipe, out)
				}
			}
		}
	}
	return out
}

// scanner is a command that starts from events of its own choice.
type scanner interface{ scan(env *Env) (Scan, bool) }

// scanOf is what the first commands of a pipeline ask of an event.
func scanOf(env *Env, commands Pipeline) (s Scan, ok bool) {
	starts := false
	for i, cmd := range commands {
		search, is := cmd.(*Search)
		x, can := cmd.(scanner)
		switch {
		case is && starts:
			s.whens = append(s.whens, search.Expr)
		case is:
			s.First, ok = append(s.First, without(search.Expr)), true
		case can && i == 0:
			if s, ok = x.scan(env); !ok || !passes(cmd) {
				return s, ok
			}
			starts = true
		default:
			return s, ok
		}
	}
	return s, ok
}

// passes says whether a command gives the events that it starts from as they are.
func passes(cmd Command) bool {
	switch cmd.(type) {
	case *From, *Datamodel:
		return true
	}
	return false
}

// condition is a condition with what its subsearches came to.
func (c *compiler) condition(x Expr) Expr {
	switch y := x.(type) {
	case And:
		out := make(And, len(y))
		for i := range y {
			out[i] = c.condition(y[i])
		}
		return out
	case Or:
		out := make(Or, len(y))
		for i := range y {
			out[i] = c.condition(y[i])
		}
		return out
	case Not:
		return Not{c.condition(y.X)}
	case *SubExpr:
		if z, ok := c.conditions[y.Sub]; ok {
			return z
		}
	}
	return x
}

// subValue is the value of a subsearch in an expression.
func (c *compiler) subValue(s *Sub) (evalFn, *Error) {
	if x, ok := c.settled[s]; ok {
		return c.expr(x)
	}
	if !c.whole {
		return nil, &Error{Command: c.now, Pos: s.Pos, Subject: "subsearch", Reason: "is not supported"}
	}
	return func(*rec) value.Value { return value.Null }, nil // until it has run
}

// wholeReason is the error of the first command for which a search cannot be run
// event by event; nil when there is none.
func wholeReason(commands Pipeline) *Error {
	for _, cmd := range commands {
		if cmd.Place() == Whole {
			return refuse(cmd, "", "is not supported")
		}
		for _, sub := range subsOf(cmd) {
			e := refuse(cmd, "subsearch", "is not supported")
			e.Pos = sub.Pos
			return e
		}
	}
	return nil
}
