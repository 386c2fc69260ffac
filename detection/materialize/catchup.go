package materialize

import (
	"slices"
	"strings"
	"sync/atomic"

	"escutcheon/detection"
	"escutcheon/event"
)

// CatchUp runs the rules that are furthest behind over the next stored events:
// so many at most, so that one transaction is short. What is left to tidy goes
// before; rows that were left (Later) are made when no rule is behind, some in one
// transaction. It settles what follows.
func (c *Cascade) CatchUp(most int) error {
	if more, err := c.Tidy(most); more || err != nil {
		return err
	}
	behind, from := c.furthest()
	if len(behind) == 0 {
		if c.Later {
			return nil
		}
		return c.makeDue()
	}
	to, err := c.runOver(from, most, behind)
	if err != nil {
		return err
	}
	cursors, err := c.tx.Cursors()
	if err != nil {
		return err
	}
	for _, k := range cursors {
		if behind[k.RuleID] {
			k.At = to
			if err := c.tx.PutCursor(k); err != nil {
				return err
			}
		}
	}
	c.Later = true
	return c.Settle()
}

// furthest are the rules whose cursor is the first, and where it is. There are
// none when no rule is behind.
func (c *Cascade) furthest() (rules map[string]bool, at int64) {
	at, rules = Ran, map[string]bool{}
	for _, cursor := range c.at {
		at = min(at, cursor)
	}
	for id, cursor := range c.at {
		if cursor == at && at < Ran {
			rules[id] = true
		}
	}
	return rules, at
}

// matchSteps is how much work a transaction does on matching stored events: some
// tenths of a second.
const matchSteps = 20_000_000

// runOver matches stored events behind one with some rules, and says how far
// they were run.
func (c *Cascade) runOver(from int64, most int, rules map[string]bool) (to int64, err error) {
	some := c.rules
	if len(rules) < len(some.All()) {
		some = detection.NewRules(slices.DeleteFunc(slices.Clone(c.rules.All()), func(r *detection.Rule) bool {
			return !rules[r.ID]
		}))
	}
	for steps := int64(matchSteps); ; steps *= 4 {
		o := over{rules: some, steps: steps}
		o.unseen.Store(Ran)
		if to, err = c.events.Search(some, from, most, o.look); err != nil {
			return 0, err
		}
		if unseen := o.unseen.Load(); unseen < Ran {
			if to = min(to, unseen-1); to <= from { // the first event was not among those there was time for
				continue
			}
			o.cut(to)
		}
		for id := range rules {
			c.at[id] = to // from here on they were run over these
		}
		return to, c.matched(o.events, o.ids, o.matches)
	}
}

// over is a run of rules over stored events, until it has done its work.
type over struct {
	rules *detection.Rules
	steps int64

	spent, unseen atomic.Int64 // the work, and the first event for which there was none left

	events  []event.Event
	ids     []int64
	matches []detection.Match
}

func (o *over) look(id int64, e *event.Event) (tell func()) {
	if o.spent.Load() >= o.steps {
		for first := o.unseen.Load(); id < first && !o.unseen.CompareAndSwap(first, id); {
			first = o.unseen.Load()
		}
		return nil
	}
	ms, steps := o.rules.MatchSteps(nil, 0, e)
	o.spent.Add(int64(steps))
	if len(ms) == 0 {
		return nil
	}
	for i := range ms {
		ms[i].Part = ms[i].Part.Clone()
	}
	kept := event.Event{Nanos: e.Nanos, HasTime: e.HasTime, Computer: strings.Clone(e.Computer)} // which rows need
	return func() {
		for i := range ms {
			ms[i].Event = len(o.events)
		}
		o.events, o.ids, o.matches = append(o.events, kept), append(o.ids, id), append(o.matches, ms...)
	}
}

// cut forgets what matched behind an event.
func (o *over) cut(last int64) {
	n := len(o.ids)
	for n > 0 && o.ids[n-1] > last {
		n--
	}
	o.events, o.ids = o.events[:n], o.ids[:n]
	o.matches = slices.DeleteFunc(o.matches, func(m detection.Match) bool { return m.Event >= n })
}
