package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/store"
)

// RestsOn counts what rests on an import and its members alone. It looks at every
// event of theirs.
func (d *DB) RestsOn(ctx context.Context, id int64) (a store.Alone, err error) {
	defer fault.Wrap(&err, "what rests on import %d", id)
	err = d.snapshot(ctx, func(q conn) error {
		r := &resting{ctx: ctx, q: q, tree: map[int64]bool{}, hosts: map[int64]int64{}, findings: map[int64]int64{},
			seen: map[int64]bool{}}
		a, err = r.count(id)
		return err
	})
	return a, err
}

// resting counts what rests on a tree of imports.
type resting struct {
	ctx      context.Context
	q        conn
	tree     map[int64]bool
	events   int64
	hosts    map[int64]int64 // events that would go, by host
	findings map[int64]int64 // and by finding
	seen     map[int64]bool  // events whose first sighting is gone
	from, to int64           // the block that bare looked at last
	gone     bool            // its import is
}

func (r *resting) count(id int64) (a store.Alone, err error) {
	tree, err := r.numbers(`SELECT ?1 UNION ALL SELECT id FROM import WHERE parent = ?1`, id)
	if err != nil {
		return a, err
	}
	for _, i := range tree {
		r.tree[i] = true
	}
	for _, i := range tree {
		if err := r.firsts(i); err != nil {
			return a, err
		}
		if err := r.further(i); err != nil {
			return a, err
		}
	}
	a.Events = r.events
	if a.Hosts, err = r.whole(r.hosts, `SELECT events FROM host WHERE id = ?`); err != nil {
		return a, err
	}
	a.Findings, err = r.whole(r.findings, `SELECT count(*) FROM finding_event WHERE finding_id =
		(SELECT id FROM finding WHERE id = ? AND verdict <= 1)`)
	return a, err
}

func (r *resting) numbers(query string, args ...any) (out []int64, err error) {
	return out, each(r.ctx, r.q, func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		out = append(out, n)
		return err
	}, query, args...)
}

// whole counts those of which all would go.
func (r *resting) whole(of map[int64]int64, query string) (n int64, err error) {
	for id, gone := range of {
		var all int64
		if err := r.q.QueryRowContext(r.ctx, query, id).Scan(&all); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return 0, err
		}
		if id != 0 && all > 0 && all <= gone {
			n++
		}
	}
	return n, nil
}

// firsts counts the events that an import of the tree saw first and nobody
// outside it.
func (r *resting) firsts(id int64) error {
	blocks, err := r.numbers(`SELECT first FROM block WHERE import_id = ? ORDER BY first`, id)
	if err != nil {
		return err
	}
	for _, first := range blocks {
		_, c, err := columnsHolding(r.ctx, r.q, first)
		if err != nil {
			return err
		}
		var events []int64
		for i, e := range c.Event {
			if e == first+int64(i) {
				events = append(events, e)
			}
		}
		if err := r.alone(events); err != nil {
			return err
		}
	}
	return nil
}

// further counts the events whose first sighting is gone and that an import of
// the tree saw, too, and nobody outside it.
func (r *resting) further(id int64) error {
	list, err := againOfFile(r.ctx, r.q, id)
	if err != nil {
		return err
	}
	slices.SortFunc(list, byEvent)
	var events []int64
	for _, s := range list {
		if r.seen[s.event] {
			continue
		}
		r.seen[s.event] = true
		gone, err := r.bare(s.event)
		if err != nil {
			return err
		}
		if gone {
			events = append(events, s.event)
		}
	}
	return r.alone(events)
}

// bare says whether the import is gone that saw an event first. It is asked for
// one after another.
func (r *resting) bare(event int64) (bool, error) {
	if event < r.from || event >= r.to {
		var imported int64
		if err := r.q.QueryRowContext(r.ctx, `SELECT first, first + count, import_id FROM block WHERE first <= ?
			ORDER BY first DESC LIMIT 1`, event).Scan(&r.from, &r.to, &imported); err != nil {
			return false, err
		}
		r.gone = imported == 0
	}
	return r.gone, nil
}

// alone counts those of some events, sorted, that nobody saw outside the tree.
func (r *resting) alone(events []int64) error {
	for len(events) > 0 {
		first, c, err := columnsHolding(r.ctx, r.q, events[0])
		if err != nil {
			return err
		}
		n, _ := slices.BinarySearch(events, first+int64(c.Len()))
		if err := r.aloneIn(first, c, events[:n]); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

func (r *resting) aloneIn(first int64, c *block.Columns, events []int64) error {
	more, err := againAmong(r.ctx, r.q, events[0], events[len(events)-1])
	if err != nil {
		return err
	}
	gone := map[int64]bool{}
	for _, e := range events {
		if !slices.ContainsFunc(more[e], func(s again) bool { return !r.tree[s.imported] }) {
			gone[e] = true
			r.events++
			r.hosts[c.Host[e-first]]++
		}
	}
	return each(r.ctx, r.q, func(rows *sql.Rows) error {
		var finding, event int64
		err := rows.Scan(&finding, &event)
		if gone[event] {
			r.findings[finding]++
		}
		return err
	}, `SELECT finding_id, event_id FROM finding_event WHERE event_id >= ? AND event_id <= ?`, events[0],
		events[len(events)-1])
}
