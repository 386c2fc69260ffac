package materialize

import (
	"slices"
	"strings"

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

// runOver matches stored events behind one with some rules, and says how far
// they were run.
func (c *Cascade) runOver(from int64, most int, rules map[string]bool) (to int64, err error) {
	some := c.rules
	if len(rules) < len(some.All()) {
		some = detection.NewRules(slices.DeleteFunc(slices.Clone(c.rules.All()), func(r *detection.Rule) bool {
			return !rules[r.ID]
		}))
	}
	var events []event.Event
	var ids []int64
	var matches []detection.Match
	to, err = c.events.Search(some, from, most, func(id int64, e *event.Event) func() {
		ms := some.Match(nil, 0, e)
		if len(ms) == 0 {
			return nil
		}
		for i := range ms {
			ms[i].Part = ms[i].Part.Clone()
		}
		kept := event.Event{Nanos: e.Nanos, HasTime: e.HasTime, Computer: strings.Clone(e.Computer)} // which rows need
		return func() {
			for i := range ms {
				ms[i].Event = len(events)
			}
			events, ids, matches = append(events, kept), append(ids, id), append(matches, ms...)
		}
	})
	if err != nil {
		return 0, err
	}
	for id := range rules {
		c.at[id] = to // from here on they were run over these
	}
	return to, c.matched(events, ids, matches)
}
