package materialize

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// growth is what a transaction adds to one finding.
type growth struct {
	rule   *detection.Rule
	by     []string
	shares []share
}

// Came puts new events into the rows that they are in: ids are their numbers, 0
// for one that was there before. matches are what rules made of them; where
// these are not those in force any more, they are made again. Rules that are
// behind will come to an event by themselves; one that was set aside falls behind.
func (c *Cascade) Came(events []event.Event, ids []int64, matches []detection.Match, by *detection.Rules) error {
	if by != c.rules {
		matches = nil
		for i := range events {
			matches = c.rules.MatchBriefly(matches, i, &events[i], nil)
		}
	}
	if err := c.setAside(ids, matches); err != nil {
		return err
	}
	return c.matched(events, ids, matches)
}

func (c *Cascade) matched(events []event.Event, ids []int64, matches []detection.Match) error {
	for _, m := range matches {
		if id := ids[m.Event]; id != 0 && !m.Aside && c.ranOver(m.Rule, id) {
			if err := c.add(m, &events[m.Event], id); err != nil {
				return err
			}
		}
	}
	return nil
}

// add puts an event into a row, or says why it is in none.
func (c *Cascade) add(m detection.Match, e *event.Event, id int64) error {
	if m.Rule.Whole() {
		c.pend(m.Rule, detection.WindowOf(e.Second()).Start)
		return nil
	}
	if len(m.Part.Missing) > 0 {
		return c.tx.PutLack(lackOf(m, e, id))
	}
	key := detection.FindingID(m.Rule.ID, m.Part.Key)
	g := c.grown[key]
	if g == nil {
		g = &growth{rule: m.Rule, by: m.Part.Key}
		c.grown[key] = g
	}
	g.shares = append(g.shares, share{id, e.Second(), m.Part, m.Change})
	return nil
}

func lackOf(m detection.Match, e *event.Event, id int64) Lack {
	l := Lack{RuleID: m.Rule.ID, Event: id, Missing: strings.Join(m.Part.Missing, ", ")}
	if e.Computer != "" {
		l.Dest = event.NormalizeHost(e.Computer)
	}
	return l
}

// grow stores what findings gain.
func (c *Cascade) grow() error {
	err := c.eachFinding(sorted(c.grown), func(key string) error { return c.growFinding(key, c.grown[key]) })
	clear(c.grown)
	return err
}

// mostAhead is how many findings are read ahead.
const mostAhead = 1024

// eachFinding calls f for findings, which are read ahead.
func (c *Cascade) eachFinding(keys []string, f func(key string) error) error {
	for part := range slices.Chunk(keys, mostAhead) {
		if err := c.tx.Prefetch(part); err != nil {
			return err
		}
		for _, key := range part {
			if err := f(key); err != nil {
				return fmt.Errorf("finding %s: %w", key, err)
			}
		}
	}
	return nil
}

func (c *Cascade) growFinding(key string, g *growth) error {
	f, err := c.tx.Finding(g.rule, key)
	if err != nil {
		return err
	}
	if f != nil && f.Made { // a group comes in the place of a made row of its name
		if err := c.unmake(f); err != nil {
			return err
		}
		f = nil
	}
	if f == nil {
		c.named[g.rule] = c.named[g.rule] || g.rule.Plan().Rekeys()
		f = &Finding{Rule: g.rule, Key: key, By: g.by, Part: *NewPart(g.rule)}
	}
	known := f.span()
	windows := map[int64][]*share{}
	members := make([]Member, len(g.shares))
	for i := range g.shares {
		s := &g.shares[i]
		f.add(s)
		windows[s.start()] = append(windows[s.start()], s)
		members[i] = Member{s.start(), s.event}
	}
	row, err := c.put(f)
	if err != nil {
		return err
	}
	if err := c.tx.AddMembers(f.Rule, key, members); err != nil {
		return err
	}
	for _, start := range sorted(windows) {
		w, before, err := c.windowOf(f, known, start)
		if err != nil {
			return err
		}
		for _, s := range windows[start] {
			w.add(s)
		}
		if err := c.putWindow(f, row, start, w, before); err != nil {
			return err
		}
	}
	return nil
}

// span is the first and the last start of a window that a finding may have.
type span struct{ first, last int64 }

func (f *Finding) span() span {
	if f.Count == 0 {
		return span{math.MaxInt64, math.MinInt64}
	}
	return span{detection.WindowOf(f.First).Start, detection.WindowOf(f.Last).Start}
}

// windowOf is a window of a finding whose windows are known to lie in a span, and
// whether it was there.
func (c *Cascade) windowOf(f *Finding, known span, start int64) (w *Part, before bool, err error) {
	if known.first <= start && start <= known.last {
		w, err = c.tx.Window(f.Rule, f.Key, start)
	}
	if w != nil || err != nil {
		return w, true, err
	}
	return NewPart(f.Rule), false, nil
}

// put stores a group as all its events make it, and returns its row. Of a rule
// whose rows are made together it keeps the row that it had until they are.
func (c *Cascade) put(f *Finding) (*spl.Result, error) {
	out := spl.Result{Key: f.By, State: f.State, Verdict: dropped}
	var err error
	if f.Rule.Plan().Local() {
		out, err = c.row(f.Rule, f.By, f.State)
	} else {
		c.noteRows(f.Rule)
	}
	if err != nil {
		return nil, err
	}
	if f.Rule.Plan().Local() || f.Row == nil {
		f.show(out.Row, out.Verdict)
	}
	if err := c.tx.PutFinding(f); err != nil || !f.Rule.Plan().Local() {
		return &out, err
	}
	return &out, c.doubt(f.Rule, f.Key, Whole, out.Doubt)
}

// putWindow stores a window of a group, and the risk that the run over it makes;
// before says whether the window was there. row is the group's, where it was made
// since.
func (c *Cascade) putWindow(f *Finding, row *spl.Result, start int64, w *Part, before bool) error {
	if err := c.tx.PutWindow(f.Rule, f.Key, Window{start, w}); err != nil {
		return err
	}
	return c.retell(f, row, start, w, before)
}

// retell makes the risk of a window of a group anew.
func (c *Cascade) retell(f *Finding, row *spl.Result, start int64, w *Part, before bool) error {
	if !f.Rule.Plan().Local() {
		c.noteRun(f.Rule, start)
		return nil
	}
	told := telling{}
	switch {
	case w.Count == 0:
		row = &spl.Result{}
	case row == nil || w.Count != f.Count: // else the window has all that the group has
		one, err := c.row(f.Rule, f.By, w.State)
		if err != nil {
			return err
		}
		row = &one
	}
	if w.Count > 0 {
		told.add(f.Key, f.Rule.RiskEventsOf(f.Key, *row, detection.WindowOf(start)))
	}
	if err := c.doubt(f.Rule, f.Key, start, row.Doubt); err != nil {
		return err
	}
	return c.tell(f.Rule, f.Key, start, told, before)
}
