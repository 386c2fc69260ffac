package spl

import "slices"

// collector takes the rows of a query.
type collector struct {
	x    *exec
	rows []*rec // without Options.Each
	gone []*rec
	keys map[string]int // how many rows had a key
}

func (c *collector) push(r *rec) bool {
	x := c.x
	if x.opt.Each != nil {
		c.learn(r)
		return x.opt.Each(c.found(r))
	}
	if !x.hold(r) {
		x.full(x.q.root.stages[len(x.q.root.stages)-1].cmd)
		return false
	}
	if r.gone {
		c.gone = append(c.gone, r)
	} else {
		c.rows = append(c.rows, r)
	}
	return true
}

func (c *collector) end() {}

// learn takes in the columns of a row where they are not known.
func (c *collector) learn(r *rec) {
	if out := c.x.q.root.out; !out.open || !out.rows {
		return
	}
	for name := range r.names() {
		if !slices.Contains(c.x.answer.Columns, name) {
			c.x.answer.Columns = append(c.x.answer.Columns, name)
		}
	}
}

// finish makes the answer's rows.
func (c *collector) finish() {
	all := slices.Concat(c.rows, c.gone)
	if c.x.q.root.out.open && c.x.q.root.out.rows {
		c.x.answer.Columns = columnsOf(c.x.answer.Columns, shapeOf(c.rows).names)
	}
	for _, r := range all {
		c.x.answer.Rows = append(c.x.answer.Rows, c.found(r))
	}
}

// columnsOf are those known and then the others.
func columnsOf(known, have []string) []string {
	return shape{names: known}.with(have...).names
}

func (c *collector) found(r *rec) Found {
	out := Found{Result: Result{Row: r.row(c.x.answer.Columns), Verdict: Kept}}
	if r.gone {
		out.Verdict = Aside
	}
	if r.e != nil {
		out.Event = r.e
		if m, ok := r.e.(*modelled); ok {
			out.Event = m.e
		}
	}
	out.State = c.x.q.plan.New()
	if r.count > 0 {
		out.State.span(r.count, r.first, r.clock)
	}
	if c.x.opt.Each == nil && !c.x.opt.Keyless {
		out.Key = c.key(r)
	}
	return out
}

// key is a row's identity: the values by which it was aggregated, else all of
// its columns. Where several rows have one, those after the first have a number
// behind.
func (c *collector) key(r *rec) []string {
	key := r.id1()
	if r.key == nil {
		key = nil
		for _, name := range c.x.answer.Columns {
			key = append(key, keyOf(r.value(name)))
		}
	}
	if c.keys == nil {
		c.keys = map[string]int{}
	}
	id := KeyText(key)
	n := c.keys[id]
	c.keys[id]++
	if n > 0 {
		key = append(slices.Clone(key), "#"+itoa(n))
	}
	return key
}
