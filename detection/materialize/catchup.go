package materialize

import (
	"slices"

	"escutcheon/detection"
	"escutcheon/event"
)

// CatchUp runs the rules that are furthest behind over the next stored events:
// so many at most, so that one transaction is short. It settles what follows.
func (c *Cascade) CatchUp(most int) error {
	behind, from := c.furthest()
	if len(behind) == 0 {
		return nil
	}
	ids, err := c.events.After(from, most)
	if err != nil {
		return err
	}
	to := int64(Ran)
	if len(ids) > 0 {
		to = ids[len(ids)-1]
	}
	for id := range behind {
		c.at[id] = to // from here on they were run over these
	}
	if err := c.runOver(ids, behind); err != nil {
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

// runOver matches stored events with some rules.
func (c *Cascade) runOver(ids []int64, rules map[string]bool) error {
	some := detection.NewRules(slices.DeleteFunc(slices.Clone(c.rules.All()), func(r *detection.Rule) bool {
		return !rules[r.ID]
	}))
	events := make([]event.Event, len(ids))
	each := make([][]detection.Match, len(ids))
	if err := c.events.Each(ids, func(i int, e *event.Event) {
		if each[i] = some.Match(nil, i, e); len(each[i]) > 0 {
			events[i] = *e
		}
	}); err != nil {
		return err
	}
	return c.matched(events, ids, slices.Concat(each...))
}
