package materialize

import (
	"bytes"
	"encoding/json"

	"escutcheon/detection"
	"escutcheon/event"
)

// Changed takes an event out of the rows it was in and puts it into those it is
// in now. before is nil for an event that was not there, after for one that is
// not there any more.
func (c *Cascade) Changed(id int64, before, after *event.Event) error {
	return c.Apply(c.Compare(id, before, after))
}

// Difference is what a change of an event means for the rows it is in.
type Difference struct {
	id      int64
	after   *event.Event
	was, is map[string]*presence // by finding, without those to which it is the same
	windows []wholeWindow        // that rules are to be run over anew
	aside   []*detection.Rule    // that may match it and were set aside
}

// Compare says what a change of an event means, as Changed has it. It changes
// nothing, and may run beside itself.
func (c *Cascade) Compare(id int64, before, after *event.Event) *Difference {
	d := &Difference{id: id, after: after}
	d.was, d.is = c.rowsOf(d, before), c.rowsOf(d, after)
	for key, p := range d.was {
		if p.same(d.is[key]) {
			delete(d.was, key)
			delete(d.is, key)
		}
	}
	return d
}

// Apply does what a comparison in this transaction said.
func (c *Cascade) Apply(d *Difference) error {
	for _, r := range d.aside {
		if err := c.fallBehind(r, d.id, Leaving); err != nil {
			return err
		}
	}
	for _, w := range d.windows {
		c.pend(w.rule, w.start)
	}
	for _, key := range sorted(d.was) {
		if err := c.leave(key, d.was[key], d.id); err != nil {
			return err
		}
	}
	for _, key := range sorted(d.is) {
		for _, m := range d.is[key].matches {
			if err := c.add(m, d.after, d.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// Vanished takes an event that is not there any more out of all rows. It need
// not be decoded for that. Such an event must not have come in the same
// transaction.
func (c *Cascade) Vanished(id int64) error {
	if err := c.tx.DeleteLack("", id); err != nil {
		return err
	}
	places, err := c.tx.Places(id)
	if err != nil {
		return err
	}
	for _, p := range places {
		if c.at[p.RuleID] == Leaving {
			continue
		}
		r, err := c.rule(p.RuleID)
		if err != nil {
			return err
		}
		if err := c.lose(r, p.Key, Member{p.Start, id}); err != nil {
			return err
		}
	}
	return nil
}

// presence is all that one event is to one row; of a rule, all that it lacks is
// one.
type presence struct {
	event   *event.Event
	matches []detection.Match // of one rule and key
}

func (p *presence) rule() *detection.Rule { return p.matches[0].Rule }
func (p *presence) lacks() bool           { return len(p.matches[0].Part.Missing) > 0 }

// rowsOf are the rows that an event is in, of rules that were run over it, by
// finding. The windows of rules that are Whole are noted.
func (c *Cascade) rowsOf(d *Difference, e *event.Event) map[string]*presence {
	out := map[string]*presence{}
	if e == nil {
		return out
	}
	for _, m := range c.rules.MatchBriefly(nil, 0, e, func(r *detection.Rule) bool { return !c.ranOver(r, d.id) }) {
		if m.Aside {
			d.aside = append(d.aside, m.Rule)
			continue
		}
		if m.Rule.Whole() {
			d.windows = append(d.windows, wholeWindow{m.Rule, detection.WindowOf(e.Second()).Start})
			continue
		}
		key := "lacks " + m.Rule.ID
		if len(m.Part.Missing) == 0 {
			key = detection.FindingID(m.Rule.ID, m.Part.Key)
		}
		if out[key] == nil {
			out[key] = &presence{event: e}
		}
		out[key].matches = append(out[key].matches, m)
	}
	return out
}

// leave takes an event out of a row.
func (c *Cascade) leave(key string, p *presence, id int64) error {
	if p.lacks() {
		return c.tx.DeleteLack(p.rule().ID, id)
	}
	return c.lose(p.rule(), key, Member{detection.WindowOf(p.event.Second()).Start, id})
}

// same says whether an event is the same to a row as it was.
func (p *presence) same(o *presence) bool {
	if o == nil {
		return false
	}
	if p.lacks() {
		return lackOf(p.matches[0], p.event, 0) == lackOf(o.matches[0], o.event, 0)
	}
	a, b := p.part(), o.part()
	return a.Count == b.Count && a.First == b.First && a.Change == b.Change && bytes.Equal(encode(a), encode(b))
}

// part is what the event adds to the row.
func (p *presence) part() *Part {
	out := NewPart(p.rule())
	for _, m := range p.matches {
		out.add(&share{0, p.event.Second(), m.Part, m.Change})
	}
	return out
}

func encode(p *Part) []byte {
	b, err := json.Marshal(p.State)
	if err != nil {
		panic(err) // a state always marshals
	}
	return b
}
