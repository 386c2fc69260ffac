package spl

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync/atomic"

	"escutcheon/detection/spl/value"
)

// Much of a tail looks at nothing but the key: tstats counts all processes by
// their names, and a lookup, a regex or a condition behind it throws nearly all
// of these rows away. Such a key is told when its event comes, so that no state
// is kept for it.

// early gathers the commands of a tail that can run on a key alone.
type early struct {
	c     *compiler
	steps []func(*rec) bool
	most  int      // of the steps, up to the last one that may drop a row
	late  []string // columns that depend on more than the key
	over  bool     // what follows is not looked at
}

// add takes a command in, if it can run on a key; else what it sets depends on
// more. in is what it finds.
func (a *early) add(cmd Command, st *step, in shape) {
	if x, ok := cmd.(*Stats); ok && !a.over && !st.from.Aside && !a.isLate(x.By) {
		a.again(x)
		return
	}
	if a.over = a.over || st.one == nil && !st.orders || st.from.Aside; a.over || st.orders {
		return
	}
	reads, sets, known := a.names(cmd, in)
	if !known {
		a.over = true
		return
	}
	if a.isLate(reads) {
		a.late = append(a.late, sets...)
		a.conditions(cmd)
		return
	}
	a.run(st.one, st.keeps)
}

// run takes in what runs on a key; drops says that it may drop it.
func (a *early) run(one func(*rec) bool, drops bool) {
	if a.steps = append(a.steps, one); drops {
		a.most = len(a.steps)
	}
}

// again takes in another aggregation by columns that depend on the key alone: so
// do the same columns of its rows, and a key without a value of one of them is in
// none of these.
func (a *early) again(x *Stats) {
	a.run((&statsRun{Aggregation: &x.Aggregation}).tuple, true)
	a.late = x.Sets()
}

// tuple makes of a row its tuple of BY values, without the aggregates, and says
// whether it has one. Where it has several, nothing more is known of it.
func (x *statsRun) tuple(r *rec) bool {
	keys := x.keys(r)
	if len(keys) != 1 {
		r.doubt = Pending
		return len(keys) > 0
	}
	*r = rec{shut: true, weight: 1, meter: r.meter, key: keys[0], cells: r.cells[:0]}
	for i, f := range x.By {
		r.cells = append(r.cells, cell{f, value.Text(r.key[i])})
	}
	return true
}

// conditions takes in those of a command that asks for more besides.
func (a *early) conditions(cmd Command) {
	switch x := cmd.(type) {
	case *Where:
		for _, y := range conjuncts(x.Cond) {
			if f, err := a.c.expr(y); err == nil && !a.isLate(a.read(y)) {
				a.run(func(r *rec) bool { return f(r).IsTrue() }, true)
			}
		}
	case *Search:
		all, _ := a.c.condition(x.Expr).(And)
		for _, y := range all {
			if m := a.c.env.matcher(y); !a.isLate(a.c.env.fieldsOf(y)) {
				a.run(func(r *rec) bool { return m.match(r) }, true)
			}
		}
	}
}

// conjuncts are the expressions that must all be true for one to be.
func conjuncts(x Ex) []Ex {
	if b, ok := x.(*Binary); ok && b.Op == "AND" {
		return append(conjuncts(b.L), conjuncts(b.R)...)
	}
	return []Ex{x}
}

// names are the columns that a command looks at, and those that it may set:
// known is false of a command of which that cannot be said. Where a command gives
// each column its value by itself, those that depend on more than the key are
// noted, and it is said to look at nothing: it may run without them.
func (a *early) names(cmd Command, in shape) (reads, sets []string, known bool) {
	switch x := cmd.(type) {
	case *Search:
		return a.c.env.fieldsOf(x.Expr), nil, true
	case *Where:
		return a.read(x.Cond), nil, true
	case *Eval:
		for _, f := range x.Fields {
			reads, sets = append(reads, a.read(f.X)...), append(sets, f.Name)
		}
		return reads, sets, true
	case *Rename:
		for _, p := range x.resolve(in.names) {
			if a.isLate([]string{p.From}) {
				a.late = append(a.late, p.To)
			} else { // what had the name before is gone
				a.late = slices.DeleteFunc(a.late, func(n string) bool { return n == p.To })
			}
		}
		return nil, nil, true
	case *Convert:
		for _, f := range x.resolve(in.names) {
			if a.isLate([]string{f.Field}) {
				a.late = append(a.late, f.As)
			}
		}
		return nil, nil, true
	case *Lookup:
		return x.Reads(), x.Sets(), x.Out != nil || !a.isLate(x.Reads())
	case *Rex, *Regex, *Makemv, *Nomv, *Bin:
		return cmd.Reads(), cmd.Sets(), true
	case *Fields, *Columns, *Fillnull, *Noop, *Fieldformat:
		return nil, nil, true
	}
	return nil, nil, false
}

// anything stands for what is no column: the moment, and the work that was done
// before.
const anything = "\x00"

// read are the fields of an expression.
func (a *early) read(x Ex) []string {
	out := refsOf(x)
	walkEx(x, func(x Ex) {
		if c, ok := x.(*Call); ok && slices.Contains([]string{"now", "time", "random", "mvmap", "mvfilter"}, c.Fn) {
			out = append(out, anything)
		}
	})
	return out
}

// isLate says whether any of some columns, which may have wildcards, depends on
// more than the key.
func (a *early) isLate(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		return n == anything || slices.ContainsFunc(a.late, glob(n).match)
	})
}

// fieldsOf are the fields that a condition looks at when it runs.
func (env *Env) fieldsOf(x Expr) (out []string) {
	asks := func(field, value string) {
		out = append(out, field)
		if y := env.rewrite(field, value); y != nil {
			out = append(out, conditionFields(y)...)
		}
	}
	walkExpr(x, func(x Expr) {
		switch x := x.(type) {
		case *Compare:
			asks(x.Field, x.Value)
		case *In:
			for _, v := range x.Values {
				asks(x.Field, v)
			}
		case *Term:
			if !onlyStars(x.Text) { // which all events meet
				out = append(out, rawField)
			}
		case *When:
			if x.set {
				out = append(out, timeField)
			}
		}
	})
	return out
}

// idle says that a key has no row, whatever its events are. Events repeat their
// keys, so that is remembered of some.
func (p *Plan) idle(key []string) bool {
	if len(p.early) == 0 {
		return false
	}
	at := p.idles.of(key)
	if known := at.Load(); known != nil && slices.Equal(known.key, key) {
		return known.idle
	}
	idle := p.isIdle(key)
	remember(at, key, idle)
	return idle
}

// isIdle runs what looks at the key.
func (p *Plan) isIdle(key []string) bool {
	r := newRec()
	defer r.free()
	r.shut, r.key = true, key
	p.keyCells(r)
	for _, keep := range p.early {
		if !keep(r) {
			return !r.over() // else nothing is known
		}
		if r.doubt != Decided {
			break
		}
	}
	return false
}

// idles are some keys of a plan that events had, by a hash.
type idles [32]atomic.Pointer[idleKey]

type idleKey struct {
	key  []string
	idle bool
}

var idleSeed = maphash.MakeSeed()

func (x *idles) of(key []string) *atomic.Pointer[idleKey] {
	h := uint64(0)
	for _, k := range key {
		h = h*31 + maphash.String(idleSeed, k)
	}
	return &x[(h>>32)%uint64(len(x))]
}

// mostIdleKey is how many bytes of a key are remembered.
const mostIdleKey = 512

// remember holds nothing of the event's memory.
func remember(at *atomic.Pointer[idleKey], key []string, idle bool) {
	n := 0
	for _, k := range key {
		n += len(k)
	}
	if n > mostIdleKey {
		return
	}
	all := strings.Join(key, "")
	own := make([]string, len(key))
	for i, k := range key {
		own[i], all = all[:len(k)], all[len(k):]
	}
	at.Store(&idleKey{own, idle})
}
