package materialize

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// A rule that is Whole (spl.Plan.Whole) keeps no states: it is run over all events
// of a scheduled window at once. What changes a window notes it as due in the
// same transaction, and is done with that; whoever keeps the rules runs them
// afterwards (RunWhole), outside of any transaction, and tells what came of it
// (Decided). The rows of a window replace those that it had. A finding is all rows
// of one key, one a window, without members; it shows the row of its newest window.

// wholeWindow is a window that a rule is to be run over.
type wholeWindow struct {
	rule  *detection.Rule
	start int64
}

func (c *Cascade) pend(r *detection.Rule, start int64) {
	if c.whole[r] == nil {
		c.whole[r] = map[int64]struct{}{}
	}
	c.whole[r][start] = struct{}{}
}

// pendAll notes the windows that were gathered.
func (c *Cascade) pendAll() error {
	if len(c.whole) == 0 {
		return nil
	}
	for _, r := range slices.SortedFunc(maps.Keys(c.whole), byRule) {
		for _, start := range sorted(c.whole[r]) {
			if err := c.tx.PutWhole(r.ID, start); err != nil {
				return err
			}
		}
	}
	clear(c.whole)
	return nil
}

// Left says that an event is not there any more: of its window nothing is known but
// that. odd: its channel and code do not say which rules ask for it.
func (c *Cascade) Left(second int64, channel string, code int64, odd bool) {
	for _, r := range c.rules.Concerned(channel, code, odd) {
		if c.at[r.ID] != Leaving {
			c.pend(r, detection.WindowOf(second).Start)
		}
	}
}

// Decided puts what came of a run over a window that is due in the place of what it
// had; why is spl.SearchDoubt where it could not be said what the rule finds there, which
// is then nothing, and spl.CutDoubt where some of it is missing. Where the window, or the
// rule, has changed since, it changes nothing and is false.
func (c *Cascade) Decided(p WholeDue, rows []spl.Result, why spl.Doubt) (done bool, err error) {
	r := c.rules.Find(p.RuleID)
	if r == nil || c.cursor(r.ID) != Ran {
		return false, nil
	}
	if done, err = c.tx.DeleteWhole(p); !done || err != nil {
		return false, err
	}
	if err := c.doubt(r, "", p.Start, why); err != nil {
		return false, err
	}
	old, err := c.tx.Run(r, p.Start)
	if err != nil {
		return false, err
	}
	now := map[string]spl.Result{}
	for _, row := range rows {
		now[detection.FindingID(r.ID, row.Key)] = row
	}
	for _, f := range old {
		if _, stays := now[f.Key]; stays {
			continue
		}
		if err := c.dropRow(r, f.Key, p.Start); err != nil {
			return false, err
		}
	}
	for _, key := range sorted(now) {
		if err := c.putRow(r, key, p.Start, now[key]); err != nil {
			return false, err
		}
	}
	return true, nil
}

// dropRow takes the row of a window out of a finding. Where it was the newest, the
// run over the newest one that is left makes the finding's row.
func (c *Cascade) dropRow(r *detection.Rule, key string, start int64) error {
	f, err := c.tx.Finding(r, key)
	if err != nil || f == nil {
		return err
	}
	if err := c.tx.DeleteRisk(r, key, start); err != nil {
		return err
	}
	if err := c.tx.DeleteWindow(r, key, start); err != nil {
		return err
	}
	newest, err := c.totalRows(f, start)
	switch {
	case err != nil:
		return err
	case f.Count == 0:
		return c.tx.DeleteFinding(r, key)
	case newest < start:
		c.pend(r, newest)
	}
	return c.tx.PutFinding(f)
}

// putRow puts the row of a window into a finding.
func (c *Cascade) putRow(r *detection.Rule, key string, start int64, row spl.Result) error {
	f, err := c.tx.Finding(r, key)
	if err != nil {
		return err
	}
	if f == nil {
		f = &Finding{Rule: r, Key: key, By: row.Key, Part: *NewPart(r)}
	}
	newest, err := c.totalRows(f, start)
	if err != nil {
		return err
	}
	w := partOfRow(r, row, start)
	if err := f.merge(w); err != nil {
		return err
	}
	if newest < start {
		f.show(row.Row, row.Verdict)
	}
	if err := c.tx.PutFinding(f); err != nil {
		return err
	}
	if err := c.tx.PutWindow(r, key, Window{start, w}); err != nil {
		return err
	}
	if err := c.doubt(r, key, start, row.Doubt); err != nil {
		return err
	}
	row.State = w.State
	t := telling{}
	t.add(key, r.RiskEventsOf(key, row, detection.WindowOf(start)))
	return c.tell(r, key, start, t, true)
}

// totalRows makes a finding's total of all its windows but one, and says which of
// these is the newest.
func (c *Cascade) totalRows(f *Finding, but int64) (newest int64, err error) {
	newest = NewPart(f.Rule).Last
	windows, err := c.tx.Windows(f.Rule, f.Key)
	if err != nil {
		return newest, err
	}
	f.Part = *NewPart(f.Rule)
	for _, w := range windows {
		if w.Start == but {
			continue
		}
		if err := f.merge(w.Part); err != nil {
			return newest, err
		}
		newest = max(newest, w.Start)
	}
	return newest, nil
}

// partOfRow is what a row comes to in its window. One of no event, as a table makes
// it, is of the window's first second.
func partOfRow(r *detection.Rule, row spl.Result, start int64) *Part {
	first, last, ok := row.State.Times()
	s := r.Plan().Spanned(max(row.State.Count(), 1), first, last)
	if !ok {
		s = r.Plan().Spanned(1, start*int64(time.Second), start*int64(time.Second))
	}
	first, last, _ = s.Times()
	return &Part{State: s, Count: s.Count(), First: event.FloorSecond(first), Last: event.FloorSecond(last)}
}

// Bounds of a run over a window.
const (
	mostRun      = 30 * time.Second
	mostRunRows  = 200_000
	mostRunBytes = 128 << 20
)

// RunWhole runs a rule that is Whole over the events of a window: those that it
// Matches, in any order. why says whether it could be said what it finds, as Decided
// has it; an error is the context's alone.
func RunWhole(ctx context.Context, r *detection.Rule, start int64, events []*event.Event) (rows []spl.Result,
	why spl.Doubt, err error) {
	w := detection.WindowOf(start)
	defer func() {
		if v := recover(); v != nil {
			r.Plan().Failed(v, "the window from "+time.Unix(w.Start, 0).UTC().Format(time.RFC3339))
			rows, why, err = nil, spl.SearchDoubt, nil
		}
	}()
	limited, cancel := context.WithTimeout(ctx, mostRun)
	defer cancel()
	a, err := r.Plan().Query().Run(limited, inOrder(events), spl.Options{Earliest: time.Unix(w.Start, 0),
		Latest: time.Unix(w.End, 0), Limits: spl.Limits{Rows: mostRunRows, Bytes: mostRunBytes}})
	switch {
	case ctx.Err() != nil:
		return nil, spl.Decided, ctx.Err()
	case err != nil || a.Full: // of time, of what it holds, or a subsearch comes to nothing that can be asked
		return nil, spl.SearchDoubt, nil
	case !a.Complete:
		why = spl.CutDoubt
	}
	for _, f := range a.Rows {
		rows = append(rows, f.Result)
	}
	return rows, why, nil
}

// inOrder is a source of events, the newest first; equal times have an order that
// does not depend on that of imports.
func inOrder(events []*event.Event) spl.Source {
	events = slices.Clone(events)
	slices.SortFunc(events, func(a, b *event.Event) int {
		return cmp.Or(cmp.Compare(b.Nanos, a.Nanos), cmp.Compare(a.Computer, b.Computer),
			cmp.Compare(a.Channel, b.Channel), cmp.Compare(b.RecordNumber, a.RecordNumber),
			cmp.Compare(a.EventCode, b.EventCode), cmp.Compare(a.Message, b.Message), cmp.Compare(a.Raw, b.Raw),
			slices.CompareFunc(a.Fields, b.Fields, compareFields))
	})
	return window(events)
}

func compareFields(a, b event.Field) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
}

// window is the events of one, the newest first.
type window []*event.Event

// Scan gives them.
func (w window) Scan(ctx context.Context, s spl.Scan, each func(spl.Event) bool) error {
	for _, e := range w {
		if s.InTime(e) && !each(e) {
			break
		}
	}
	return ctx.Err()
}

// Newest is true.
func (w window) Newest() bool { return true }
