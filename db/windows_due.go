package db

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

// PutWhole notes a window that a rule is to be run over: see materialize.Wholes. Of one
// before the line too little may be there: what the rule found in it stays.
func (l *ledger) PutWhole(rule string, start int64) error {
	if l.work != nil {
		if whole, err := l.work.keepsWhole(rule, start); err != nil || !whole {
			return err
		}
	}
	_, err := l.exec(`INSERT INTO window_due (rule_id, start, turn) VALUES (?1, ?2, ?3)
		ON CONFLICT DO UPDATE SET turn = ?3`, rule, start, rand.Int64())
	return err
}

// WholesDue are so many windows that are to be run over, the newest first.
func (l *ledger) WholesDue(most int) (out []materialize.WholeDue, err error) {
	err = l.each(func(r *sql.Rows) error {
		var p materialize.WholeDue
		err := r.Scan(&p.RuleID, &p.Start, &p.Turn)
		out = append(out, p)
		return err
	}, `SELECT rule_id, start, turn FROM window_due ORDER BY start DESC, rule_id LIMIT ?`, most)
	return out, err
}

// DeleteWhole says that a rule was run over a window: see materialize.Wholes.
func (l *ledger) DeleteWhole(p materialize.WholeDue) (bool, error) {
	res, err := l.exec(`DELETE FROM window_due WHERE rule_id = ? AND start = ? AND turn = ?`, p.RuleID, p.Start, p.Turn)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// ofDue chooses the windows that rules in force are to be run over, which were run
// over all that is stored.
const ofDue = ` FROM window_due d JOIN rule r ON r.id = d.rule_id AND r.cursor IS NULL`

// RunWindows runs the rules that need all events of a window over the newest window
// that is due, outside of any transaction, and stores in one what they found, where
// nothing has changed since. It is called until nothing is due.
func (d *DB) RunWindows(ctx context.Context) (left store.WindowsDue, err error) {
	defer fault.Wrap(&err, "run rules over windows")
	d.mu.Lock()
	rules := d.rules
	d.mu.Unlock()
	list, err := d.windowDue(ctx)
	if err != nil || len(list) == 0 || rules == nil {
		return left, err
	}
	runs, err := d.runWindow(ctx, rules, list)
	if err != nil {
		return left, err
	}
	err = d.writeLarge(ctx, func(t *tx) error {
		w, err := d.newWork(t)
		if err != nil {
			return err
		}
		left = store.WindowsDue{Tried: true}
		for _, r := range runs {
			done, err := w.cascade.Decided(r.due, r.rows, r.why)
			if err != nil {
				return err
			}
			left.Done = left.Done || done
		}
		if err := w.cascade.Settle(); err != nil {
			return err
		}
		if err := settleRisk(w.tx, w.rules, w.now); err != nil {
			return err
		}
		return w.get(`SELECT count(*)`+ofDue, nil, &left.Windows)
	})
	return left, err
}

// windowDue is the newest window that is due, with each rule.
func (d *DB) windowDue(ctx context.Context) (out []materialize.WholeDue, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var p materialize.WholeDue
		err := r.Scan(&p.RuleID, &p.Start, &p.Turn)
		out = append(out, p)
		return err
	}, `SELECT d.rule_id, d.start, d.turn`+ofDue+` WHERE d.start = (SELECT max(d.start)`+ofDue+`) ORDER BY d.rule_id`)
	return out, err
}

// windowRun is what a run over a window came to.
type windowRun struct {
	due  materialize.WholeDue
	rows []spl.Result
	why  spl.Doubt // that it could not be said what the rule finds, or not all
}

// runWindow runs rules over the events of one window. Those that are not in force
// here are left out.
func (d *DB) runWindow(ctx context.Context, rules *detection.Rules, list []materialize.WholeDue) (out []windowRun,
	err error) {
	var some []*detection.Rule
	for _, p := range list {
		if r := rules.Find(p.RuleID); r != nil && r.Whole() {
			some = append(some, r)
			out = append(out, windowRun{due: p})
		}
	}
	if len(some) == 0 {
		return nil, nil
	}
	v := windowView{d: d, dec: d.decoder(), rules: some, kinds: detection.NewRules(some),
		window: detection.WindowOf(list[0].Start)}
	if err := v.read(ctx); err != nil {
		return nil, err
	}
	for i, r := range some {
		if v.full {
			out[i].why = spl.SearchDoubt
			continue
		}
		out[i].rows, out[i].why, err = materialize.RunWhole(ctx, r, list[0].Start, v.of[i])
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mostWindow is how many bytes the events of a window may have that rules are run
// over, about.
const mostWindow = 256 << 20

// windowView reads the events of a window.
type windowView struct {
	d      *DB
	dec    intake.Decoder
	rules  []*detection.Rule
	kinds  *detection.Rules // the same ones
	window detection.Window
	of     [][]*event.Event // that concern each rule
	bytes  int
	full   bool
}

func (v *windowView) read(ctx context.Context) error {
	v.of = make([][]*event.Event, len(v.rules))
	q, err := v.query(ctx)
	if err != nil {
		return err
	}
	return v.d.Scan(ctx, q, func(c *eventstore.Chunk) (func() error, error) {
		seen, err := v.chunk(ctx, c)
		return func() error { return v.take(seen) }, err
	})
}

// query asks for the events of the window that the rules may start from.
func (v *windowView) query(ctx context.Context) (q eventstore.Query, err error) {
	last := v.window.End - 1
	q = eventstore.Query{From: &v.window.Start, To: &last, Originals: true,
		Columns: block.CodeColumn | block.ChannelColumn | block.SecondColumn}
	var odd bool // some answer in their own way when a search asks for their kind
	err = v.d.r.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM odd_block)
		OR (SELECT last FROM sequence WHERE name = 'odd') > 0`).Scan(&odd)
	if err != nil || odd {
		return q, err
	}
	if q.Codes = v.kinds.Kinds().Codes(); len(q.Codes) > mostAsked {
		q.Codes = nil
	}
	return q, nil
}

// seenEvent is an event, and the rules that it concerns.
type seenEvent struct {
	e     *event.Event
	rules []int
}

func (v *windowView) chunk(ctx context.Context, c *eventstore.Chunk) (out []seenEvent, err error) {
	for _, row := range c.Rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e, err := v.event(ctx, c, row)
		if missing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !e.HasTime || detection.WindowOf(e.Second()) != v.window {
			continue
		}
		one := seenEvent{e: e}
		for i, r := range v.rules {
			if r.Plan().Matches(e) {
				one.rules = append(one.rules, i)
			}
		}
		if one.rules != nil {
			out = append(out, one)
		}
	}
	return out, nil
}

// event is the event of a row, as all its sightings say it.
func (v *windowView) event(ctx context.Context, c *eventstore.Chunk, row int32) (*event.Event, error) {
	number := c.Number(row)
	var seen []intake.Sighting
	if slices.Contains(c.Varied, row) {
		var err error
		if seen, err = v.d.Sightings(ctx, number); err != nil {
			return nil, err
		}
	} else {
		offset, raw := c.Originals.Record(int(row))
		seen = []intake.Sighting{{Offset: offset, Record: number, Raw: raw, Reading: c.Reading}}
	}
	e, err := v.dec.Merge(seen)
	return &e, err
}

// take keeps events.
func (v *windowView) take(seen []seenEvent) error {
	for _, one := range seen {
		if v.bytes += len(one.e.Raw) + 1024; v.bytes > mostWindow {
			v.full = true
			return eventstore.ErrStop
		}
		for _, i := range one.rules {
			v.of[i] = append(v.of[i], one.e)
		}
	}
	return nil
}

// kindsOf are the names of channels, and whether events of a block may answer in
// their own way when a search asks for their kind. Rules that need all events of a
// window ask that; without any it is nothing.
func (w *work) kindsOf(b *blockInfo) (channels map[int64]string, odd bool, err error) {
	if !w.rules.AnyWhole() {
		return nil, false, nil
	}
	if w.channels == nil {
		w.channels = map[int64]string{}
		if err := w.each(func(r *sql.Rows) error {
			var id int64
			var name string
			err := r.Scan(&id, &name)
			w.channels[id] = name
			return err
		}, `SELECT id, name FROM channel`); err != nil {
			return nil, false, err
		}
	}
	err = w.get(`SELECT EXISTS (SELECT 1 FROM odd_block WHERE first = ?1)
		OR (SELECT last FROM sequence WHERE name = 'odd') >= ?1`, []any{b.first}, &odd)
	return w.channels, odd, err
}
