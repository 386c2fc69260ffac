package materializetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/event"
)

// Log is stored events, by their numbers.
type Log map[int64]*event.Event

// Event is one event.
func (l Log) Event(id int64) (*event.Event, error) {
	if e := l[id]; e != nil {
		return e, nil
	}
	return nil, fmt.Errorf("there is no event %d", id)
}

// Any says whether there is any event.
func (l Log) Any() (bool, error) { return len(l) > 0, nil }

// Search looks at all events, one after another.
func (l Log) Search(_ *detection.Rules, id int64, most int, look func(int64, *event.Event) func()) (int64, error) {
	last := int64(materialize.Ran)
	for _, n := range slices.Sorted(maps.Keys(l)) {
		if n <= id || most == 0 {
			continue
		}
		e := *l[n]
		if tell := look(n, &e); tell != nil {
			tell()
		}
		last, most = n, most-1
	}
	return last, nil
}

// World is a store, its events and the rules in force.
type World struct {
	T     testing.TB
	Store Store
	Log   Log
	Rules *detection.Rules
	Last  int64 // the last number given

	AtOnce int  // see materialize.Cascade
	Later  bool // likewise; Add, Change and Vanish leave what CatchUp makes
}

// New is a world without events that the rules are in force in.
func New(t testing.TB, s Store, rules ...*detection.Rule) *World {
	t.Helper()
	w := &World{T: t, Store: s, Log: Log{}}
	w.Use(rules...)
	return w
}

// Do runs a cascade in one transaction and settles it.
func (w *World) Do(f func(*materialize.Cascade) error) {
	w.T.Helper()
	if err := w.Store.Write(func(tx materialize.Tx) error { return w.settled(tx, f) }); err != nil {
		w.T.Fatal(err)
	}
}

func (w *World) settled(tx materialize.Tx, f func(*materialize.Cascade) error) error {
	c, err := materialize.New(tx, w.Log, w.Rules)
	if err != nil {
		return err
	}
	c.AtOnce, c.Later = w.AtOnce, w.Later
	if err := f(c); err != nil {
		return err
	}
	return c.Settle()
}

var errUndone = errors.New("undone")

// Undo is Do, and then the transaction fails.
func (w *World) Undo(f func(*materialize.Cascade) error) {
	w.T.Helper()
	log, last := maps.Clone(w.Log), w.Last
	err := w.Store.Write(func(tx materialize.Tx) error { return errors.Join(w.settled(tx, f), errUndone) })
	if err == nil || err.Error() != errUndone.Error() {
		w.T.Fatal(err)
	}
	w.Log, w.Last = log, last
}

// Use puts rules into force and says whether that changed any.
func (w *World) Use(rules ...*detection.Rule) (changed bool) {
	w.T.Helper()
	w.Rules = detection.NewRules(rules)
	w.Do(func(c *materialize.Cascade) (err error) {
		changed, err = c.Adopt()
		return err
	})
	return changed
}

// CatchUp runs the rules that are behind over so many events.
func (w *World) CatchUp(most int) {
	w.T.Helper()
	w.Do(func(c *materialize.Cascade) error {
		c.Later = false
		return c.CatchUp(most)
	})
}

// RunWindows runs the rules that are Whole over so many of the windows that are
// due, and says how many these were.
func (w *World) RunWindows(most int) (n int) {
	w.T.Helper()
	var due []materialize.WholeDue
	err := w.Store.Write(func(tx materialize.Tx) (err error) {
		due, err = tx.WholesDue(most)
		return err
	})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, p := range due {
		r := w.Rules.Find(p.RuleID)
		if r == nil {
			continue
		}
		var events []*event.Event
		for _, e := range w.Log {
			if e.HasTime && r.Plan().Matches(e) && detection.WindowOf(e.Second()).Start == p.Start {
				events = append(events, e)
			}
		}
		rows, why, err := materialize.RunWhole(w.T.Context(), r, p.Start, events)
		if err != nil {
			w.T.Fatal(err)
		}
		w.Do(func(c *materialize.Cascade) error {
			done, err := c.Decided(p, rows, why)
			if done {
				n++
			}
			return err
		})
	}
	return n
}

// Behind says whether a rule is yet to be run over stored events, or rows are
// yet to be made.
func (w *World) Behind() (behind bool) {
	w.T.Helper()
	err := w.Store.Write(func(tx materialize.Tx) error {
		cursors, err := tx.Cursors()
		behind = slices.ContainsFunc(cursors, func(c materialize.Cursor) bool {
			return c.At < materialize.Ran || c.Filtered != ""
		})
		due, also := tx.Due(1)
		behind = behind || len(due) > 0
		return errors.Join(err, also)
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return behind
}

// Add stores events in one transaction.
func (w *World) Add(events ...*event.Event) {
	w.T.Helper()
	w.Do(func(c *materialize.Cascade) error { return w.AddIn(c, events...) })
}

// AddIn stores events within a transaction.
func (w *World) AddIn(c *materialize.Cascade, events ...*event.Event) error {
	batch, ids := make([]event.Event, len(events)), make([]int64, len(events))
	var matches []detection.Match
	for i, e := range events {
		w.Last++
		w.Log[w.Last], batch[i], ids[i] = e, *e, w.Last
		matches = w.Rules.MatchBriefly(matches, i, e, nil)
	}
	return c.Came(batch, ids, matches, w.Rules)
}

// Change makes a stored event another one; nil takes it away. It is told in the
// way that asks most of the cascade: by what it was.
func (w *World) Change(id int64, now *event.Event) {
	w.T.Helper()
	w.Do(func(c *materialize.Cascade) error { return w.ChangeIn(c, id, now) })
}

// ChangeIn is Change within a transaction.
func (w *World) ChangeIn(c *materialize.Cascade, id int64, now *event.Event) error {
	before := w.Log[id]
	if now == nil {
		delete(w.Log, id)
	} else {
		w.Log[id] = now
	}
	return c.Changed(id, before, now)
}

// Vanish takes stored events away without telling what they were.
func (w *World) Vanish(ids ...int64) {
	w.T.Helper()
	w.Do(func(c *materialize.Cascade) error {
		for _, id := range ids {
			e := w.Log[id]
			delete(w.Log, id)
			if err := c.Vanished(id); err != nil {
				return err
			}
			if e != nil && e.HasTime {
				c.Left(e.Second(), e.Channel, e.EventCode, detection.Odd(e))
			}
		}
		return nil
	})
}

// Fresh is a world in memory to which the rules and then all events came at
// once: what this one should be equal to.
func (w *World) Fresh() *World {
	out := New(w.T, NewMemory(), w.Rules.All()...)
	out.Log = w.Log
	ids := slices.Sorted(maps.Keys(w.Log))
	out.Do(func(c *materialize.Cascade) error {
		events := make([]event.Event, len(ids))
		for i, id := range ids {
			events[i] = *w.Log[id]
		}
		return c.Came(events, ids, nil, nil)
	})
	return out
}

// Dump is all that rests on the events, one line each.
func (w *World) Dump() string {
	w.T.Helper()
	var b strings.Builder
	err := w.Store.Write(func(tx materialize.Tx) error {
		for _, r := range w.Rules.All() {
			if err := w.dumpRule(&b, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, r := range w.Rules.All() {
		w.dumpRisk(&b, r)
	}
	lacks, err := w.Store.Lacks()
	if err != nil {
		w.T.Fatal(err)
	}
	for _, l := range lacks {
		fmt.Fprintf(&b, "lack %+v\n", l)
	}
	return b.String()
}

func (w *World) dumpRule(b *strings.Builder, tx materialize.Tx, r *detection.Rule) error {
	findings, err := tx.Findings(r)
	if err != nil {
		return err
	}
	starts := map[int64]bool{}
	for _, f := range findings {
		fmt.Fprintf(b, "%s %s made %v %s %q %s %q %s\n", r.ID, f.Key, f.Made, f.Verdict, f.By, f.Dest, f.Row,
			partText(&f.Part))
		windows, err := tx.Windows(r, f.Key)
		if err != nil {
			return err
		}
		for _, win := range windows {
			starts[win.Start] = true
			fmt.Fprintf(b, "%s window %d %s\n", f.Key, win.Start, partText(win.Part))
		}
	}
	for _, f := range findings {
		for _, start := range slices.Sorted(maps.Keys(starts)) {
			members, err := tx.Members(r, f.Key, start)
			if err != nil {
				return err
			}
			if len(members) > 0 {
				fmt.Fprintf(b, "%s members %d %v\n", f.Key, start, members)
			}
		}
	}
	return nil
}

func partText(p *materialize.Part) string {
	state, err := json.Marshal(p.State)
	if err != nil {
		panic(err) // a state always marshals
	}
	return fmt.Sprintf("count %d first %d last %d change %d %s", p.Count, p.First, p.Last, p.Change, state)
}

func (w *World) dumpRisk(b *strings.Builder, r *detection.Rule) {
	w.T.Helper()
	var told []materialize.Place
	err := w.Store.Write(func(tx materialize.Tx) (err error) {
		told, err = tx.Told(r, "")
		return err
	})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, line := range RiskLines(w, r, told) {
		b.WriteString(line + "\n")
	}
}

// RiskLines is the risk that some places have, one line an event or threat,
// sorted.
func RiskLines(w *World, r *detection.Rule, told []materialize.Place) (out []string) {
	w.T.Helper()
	for _, p := range told {
		one, err := w.Store.Risk(r, p.Key, p.Start)
		if err != nil {
			w.T.Fatal(err)
		}
		for _, e := range one.Events {
			out = append(out, fmt.Sprintf("%s window %d risk %d for %s %q at %d of %d: %s", p.Key, p.Start,
				e.Score, e.ObjectType, e.RiskObject, e.Time, e.Count, e.Message))
		}
		for _, h := range one.Threats {
			out = append(out, fmt.Sprintf("%s window %d threat %s %q", p.Key, p.Start, h.Type, h.Value))
		}
	}
	slices.Sort(out)
	return out
}
