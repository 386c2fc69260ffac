package materialize

import (
	"fmt"
	"slices"

	"escutcheon/detection"
)

// stale is a group that lost events.
type stale struct {
	rule *detection.Rule
	lost map[int64]int64 // how many, by the window's start
}

func (s *stale) all() (n int64) {
	for _, lost := range s.lost {
		n += lost
	}
	return n
}

// lose takes an event out of a group, whose window is made anew afterwards.
func (c *Cascade) lose(r *detection.Rule, key string, m Member) error {
	if g := c.grown[key]; g.drop(m.Event) { // it came in this transaction
		if len(g.shares) == 0 {
			delete(c.grown, key)
		}
		return nil
	}
	if err := c.tx.DeleteMember(r, key, m); err != nil {
		return fmt.Errorf("finding %s: %w", key, err)
	}
	if c.stale[key] == nil {
		c.stale[key] = &stale{r, map[int64]int64{}}
	}
	c.stale[key].lost[m.Start]++
	return nil
}

// drop forgets an event and says whether it was there.
func (g *growth) drop(event int64) bool {
	if g == nil {
		return false
	}
	n := len(g.shares)
	g.shares = slices.DeleteFunc(g.shares, func(s share) bool { return s.event == event })
	return len(g.shares) < n
}

// shrink makes the windows anew that lost events, and the groups they are of.
func (c *Cascade) shrink() error {
	err := c.eachFinding(sorted(c.stale), func(key string) error { return c.shrinkFinding(key, c.stale[key]) })
	clear(c.stale)
	return err
}

func (c *Cascade) shrinkFinding(key string, s *stale) error {
	f, err := c.tx.Finding(s.rule, key)
	if err == nil && f == nil {
		err = fmt.Errorf("it lost events and is not there")
	}
	if err != nil {
		return err
	}
	if s.all() == f.Count && s.rule.Plan().Local() { // an event counts once or more: none is left
		return c.tx.DeleteFinding(f.Rule, f.Key)
	}
	for _, start := range sorted(s.lost) {
		if err := c.remakeWindow(f, start, s.lost[start]); err != nil {
			return err
		}
	}
	return c.total(f)
}

// remakeWindow makes a window that lost events anew from those that are left; one
// without events goes.
func (c *Cascade) remakeWindow(f *Finding, start, lost int64) error {
	before, err := c.tx.Window(f.Rule, f.Key, start)
	if err != nil {
		return err
	}
	w := NewPart(f.Rule)
	if before == nil || before.Count != lost { // else none is left
		members, err := c.tx.Members(f.Rule, f.Key, start)
		if err != nil {
			return err
		}
		for _, id := range members {
			if err := c.addStored(w, f, id); err != nil {
				return err
			}
		}
	}
	if w.Count > 0 {
		return c.putWindow(f, nil, start, w, true)
	}
	if err := c.tx.DeleteWindow(f.Rule, f.Key, start); err != nil {
		return err
	}
	return c.retell(f, nil, start, w, true)
}

// addStored adds what a stored event is to a group.
func (c *Cascade) addStored(w *Part, f *Finding, id int64) error {
	e, err := c.events.Event(id)
	if err != nil {
		return fmt.Errorf("event %d: %w", id, err)
	}
	for _, m := range c.only(f.Rule).Match(nil, 0, e) {
		if slices.Equal(m.Part.Key, f.By) && len(m.Part.Missing) == 0 {
			w.add(&share{id, e.Second(), m.Part, m.Change})
		}
	}
	return nil
}

// only is a rule by itself.
func (c *Cascade) only(r *detection.Rule) *detection.Rules {
	if c.alone[r] == nil {
		c.alone[r] = detection.NewRules([]*detection.Rule{r})
	}
	return c.alone[r]
}

// total makes a group anew from its windows; one without windows goes.
func (c *Cascade) total(f *Finding) error {
	windows, err := c.tx.Windows(f.Rule, f.Key)
	if err != nil {
		return err
	}
	if len(windows) == 0 && f.Rule.Plan().Local() {
		return c.tx.DeleteFinding(f.Rule, f.Key)
	}
	if len(windows) == 0 {
		return c.unmake(f)
	}
	f.Part = *NewPart(f.Rule)
	for _, w := range windows {
		if err := f.merge(w.Part); err != nil {
			return err
		}
	}
	_, err = c.put(f)
	return err
}
