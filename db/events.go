package db

import (
	"context"
	"database/sql"
	"errors"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

// noSecond stands in columns for "no time".
const noSecond = event.NoSecond

// Events returns one page of events, newest first; those without a time last.
func (d *DB) Events(ctx context.Context, f store.EventFilter, p store.Page) (out []store.EventRef, c store.Cursors,
	err error) {
	defer fault.Wrap(&err, "events")
	err = d.snapshot(ctx, func(q conn) error {
		var list []store.EventRef
		if f.Finding != "" {
			list, err = membersOf(ctx, q, f.Finding, p)
		} else {
			list, err = unattributed(ctx, q, f)
		}
		if err != nil {
			return err
		}
		out, c, err = sorted(list, p, placeOf)
		return err
	})
	return out, c, err
}

// placeOf is where an event stands in a list.
func placeOf(e store.EventRef) mark { return mark{Value: e.Second, ID: e.ID} }

// unattributed are the events that a filter chooses among those in no row.
func unattributed(ctx context.Context, q conn, f store.EventFilter) ([]store.EventRef, error) {
	var ids []int64
	err := each(ctx, q, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT DISTINCT event_id FROM unattributed WHERE (?1 = '' OR rule_id = ?1) AND (?2 = '' OR dest = ?2)
		AND (?3 = '' OR missing = ?3) AND (NOT ?4 OR missing = '')`, f.Rule, f.Dest, f.Missing, f.Open)
	if err != nil {
		return nil, err
	}
	return refs(ctx, q, ids)
}

// membersOf are the events of a finding from where a page begins on, at least as
// many as it shows if there are so many: whole windows, which follow each other
// in time.
func membersOf(ctx context.Context, q conn, finding string, p store.Page) ([]store.EventRef, error) {
	from, asc, err := windowsFrom(p)
	if err != nil {
		return nil, err
	}
	op, dir := `<=`, `DESC`
	if asc {
		op, dir = `>=`, `ASC`
	}
	var ids []int64
	var last int64
	starts := map[int64]int64{}
	most := p.Limit
	err = each(ctx, q, func(r *sql.Rows) error {
		var start, id int64
		if err := r.Scan(&start, &id); err != nil {
			return err
		}
		if len(ids) > 0 && start != last {
			if len(ids) > most {
				return errEnough
			}
			if last == from { // of the window where the page begins, some come before it
				most += len(ids)
			}
		}
		ids, last, starts[id] = append(ids, id), start, start
		return nil
	}, `SELECT start, event_id FROM finding_event WHERE finding_id = (SELECT id FROM finding WHERE key = ?)
		AND start `+op+` ? ORDER BY start `+dir, finding, from)
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	list, err := refs(ctx, q, ids)
	for i := range list {
		if e := &list[i]; e.Lost.Any() { // it stands in the list where its window begins
			e.Second = starts[e.ID]
		}
	}
	return list, err
}

// errEnough ends a query that needs no more rows.
var errEnough = errors.New("enough")

// windowsFrom says in which window a page begins, and whether later ones follow.
func windowsFrom(p store.Page) (start int64, asc bool, err error) {
	asc = p.Asc != (p.Before != "")
	if p.After+p.Before == "" {
		if asc {
			return -1 << 63, asc, nil
		}
		return 1<<63 - 1, asc, nil
	}
	m, err := parseMark(p.After + p.Before)
	if err != nil {
		return 0, asc, err
	}
	second, _ := m.Value.(int64)
	return detection.WindowOf(second).Start, asc, nil
}

// EventByID returns one event.
func (d *DB) EventByID(ctx context.Context, id int64) (store.EventRef, error) {
	list, err := refs(ctx, d.r, []int64{id})
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "There is no event %d.", id)
	}
	if err == nil && list[0].Lost.Any() {
		err = fault.New(fault.Damaged, "Event %d cannot be read. %s", id, list[0].Lost)
	}
	if err != nil {
		return store.EventRef{}, err
	}
	return list[0], nil
}

// Totals counts what the database holds.
func (d *DB) Totals(ctx context.Context) (t store.Totals, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM import WHERE parent IS NULL),
		(SELECT ifnull(sum(events), 0) FROM host),
		(SELECT count(*) FROM host), (SELECT ifnull(sum(n - suppressed), 0) FROM finding_count), (SELECT count(*) FROM note
			WHERE deleted = 0)`).
		Scan(&t.Imports, &t.Events, &t.Hosts, &t.Findings, &t.Notes)
	return t, err
}

// Sightings returns all places where an event stands, with its bytes there. The
// first is where it was seen first.
func (d *DB) Sightings(ctx context.Context, id int64) (out []intake.Sighting, err error) {
	defer fault.Wrap(&err, "sightings of event %d", id)
	if _, err := d.EventByID(ctx, id); err != nil {
		return nil, err
	}
	return newRecords(ctx, d.r).sightings(id)
}
