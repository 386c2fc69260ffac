package spl

import (
	"strings"
	"time"
)

// settled are the stages of a pipeline with the subsearches of their conditions
// and expressions run: what these come to stands in their place. It is nil when
// the run has failed.
func (x *exec) settled(p *pipe) []stage {
	out := p.stages
	heads := !p.over // only such stages came so far that start from events, or choose some
	for i := range p.stages {
		st := p.stages[i]
		cut := heads
		_, search := st.cmd.(*Search)
		heads = heads && (search || passes(st.cmd))
		timed := x.q.timed && len(whensOf(st.cmd)) > 0
		if _, ok := st.cmd.(asking); !ok || len(st.subs) == 0 && !timed {
			continue
		}
		c := &compiler{env: x.q.env, src: x.q.src, whole: true, nested: st.subs, firstOf: st.first,
			settled: map[*Sub]Ex{}, conditions: map[*Sub]Expr{}}
		for _, s := range st.subs {
			if err := x.settle(c, st.cmd, s); err != nil {
				x.fail(err)
				return nil
			}
		}
		cmd := st.cmd
		if timed {
			cmd, st.times = x.timed(st.cmd, cut)
		}
		made, _, err := c.step(cmd, st.in)
		if err != nil {
			x.fail(err)
			return nil
		}
		st.step = made
		if i == 0 || len(out) == 0 || &out[0] == &p.stages[0] {
			out = append([]stage(nil), out...)
		}
		out[i] = st
	}
	return out
}

// asking is a command whose subsearches stand for text.
type asking interface{ asks() }

func (*Search) asks() {}
func (*Tstats) asks() {}
func (*Where) asks()  {}
func (*Eval) asks()   {}

// settle runs one subsearch and reads what it comes to.
func (x *exec) settle(c *compiler, cmd Command, s *subPipe) *Error {
	rows := x.sub(s, x.opt.Limits.SubRows, x.opt.Limits.SubTime)
	text, given := subText(rows)
	field, op := comparedWith(cmd, s.sub)
	o := cmd.From()
	p := &parser{src: &source{search: text, text: text, spans: []span{{}}}, s: text, env: x.q.env, command: o.Name}
	var err *Error
	if inExpression(cmd) {
		var e Ex
		if e, err = p.expression(); err == nil && p.done() {
			c.settled[s.sub] = e
			return nil
		}
		if !given {
			c.settled[s.sub] = &Call{Fn: "null"}
			return nil
		}
		return settleError(o, s.sub, "is no expression")
	}
	switch {
	case !given:
		c.conditions[s.sub] = Or{} // no event meets it
		return nil
	case field != "":
		v, err := p.value("")
		if err != nil {
			return settleError(o, s.sub, "is no value to compare with")
		}
		c.conditions[s.sub] = &Compare{field, op, v}
		return nil
	}
	e, err := p.and()
	if err != nil || !p.done() || len(subsIn(e)) > 0 {
		return settleError(o, s.sub, "is no condition")
	}
	c.conditions[s.sub] = e
	return nil
}

func settleError(o Origin, s *Sub, reason string) *Error {
	return &Error{Command: o.Name, Pos: s.Pos, Subject: "what the subsearch comes to", Reason: reason}
}

// comparedWith is what a subsearch is compared with in a condition.
func comparedWith(cmd Command, s *Sub) (field, op string) {
	var of Expr
	switch c := cmd.(type) {
	case *Search:
		of = c.Expr
	case *Tstats:
		of = c.Where
	case *Inputlookup:
		of = c.Where
	default:
		return "", ""
	}
	if of == nil {
		return "", ""
	}
	walkExpr(of, func(x Expr) {
		if y, ok := x.(*SubExpr); ok && y.Sub == s {
			field, op = y.Field, y.Op
		}
	})
	return field, op
}

func inExpression(cmd Command) bool {
	switch cmd.(type) {
	case *Where, *Eval:
		return true
	}
	return false
}

// sub runs a subsearch that starts from events, within its limits.
func (x *exec) sub(s *subPipe, rows int, long time.Duration) []*rec {
	return x.subOver(s, nil, rows, long)
}

// subOver is sub for one that may work on rows.
func (x *exec) subOver(s *subPipe, given []*rec, rows int, long time.Duration) []*rec {
	to := &subFlow{x: x, most: rows}
	late := x.late
	x.ends = append(x.ends, x.endOf(long))
	x.pipe(s.pipe, given, to)
	x.ends = x.ends[:len(x.ends)-1]
	if x.late && !late {
		x.cut(s.sub.Pos, "the subsearch ran for more than %s: what it had found by then counts, and no more", long)
	}
	if to.full {
		x.cut(s.sub.Pos, "the subsearch gave more than %d rows: the first %d count, and no more", rows, rows)
	}
	x.late = late
	x.release(to.rows)
	return to.rows
}

// endOf is when a subsearch that begins now is to be done: not after the one
// that it stands in.
func (x *exec) endOf(long time.Duration) time.Time {
	end := time.Now().Add(long)
	if n := len(x.ends); n > 0 && x.ends[n-1].Before(end) {
		return x.ends[n-1]
	}
	return end
}

// subFlow takes the rows of a subsearch.
type subFlow struct {
	x    *exec
	most int
	rows []*rec
	full bool
}

func (f *subFlow) push(r *rec) bool {
	if r.gone {
		return true
	}
	if len(f.rows) == f.most {
		f.full = true
		return false
	}
	f.rows = append(f.rows, r)
	return f.x.hold(r)
}

func (f *subFlow) end() {}

// subText is what the rows of a subsearch come to as text (Search Manual, About
// subsearches): that of format, but where the rows have a field search or query
// whose text stands as it is. given says that there is something.
func subText(rows []*rec) (text string, given bool) {
	var parts []string
	for _, r := range rows {
		for _, name := range []string{"search", "query"} {
			if v := r.value(name); !v.IsNull() {
				parts = append(parts, v.Text())
				break
			}
		}
	}
	switch len(parts) {
	case 0:
		text = everyFormat.text(rows)
		return text, text != ""
	case 1:
		return parts[0], strings.TrimSpace(parts[0]) != ""
	}
	return "(" + strings.Join(parts, ") OR (") + ")", true
}

// rowFields are the fields of a row that format writes: those that are shown.
func rowFields(r *rec) (out []cell) {
	seen := map[string]int{}
	for _, c := range r.cells {
		if c.v.IsNull() || strings.HasPrefix(c.name, "_") {
			continue
		}
		if i, ok := seen[c.name]; ok {
			out[i] = c
			continue
		}
		seen[c.name] = len(out)
		out = append(out, c)
	}
	return out
}
