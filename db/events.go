package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"escutcheon/fault"
	"escutcheon/store"
)

const eventColumns = `e.id, ifnull(h.dest, ''), ifnull(c.name, ''), ifnull(p.name, ''), e.code, e.record, e.second,
	e.nanos`

const eventJoins = ` LEFT JOIN host h ON h.id = e.host_id LEFT JOIN channel c ON c.id = e.channel_id LEFT
	JOIN provider p ON p.id = e.provider_id`

func scanEvent(row interface{ Scan(...any) error }) (store.EventRef, error) {
	var e store.EventRef
	err := row.Scan(&e.ID, &e.Dest, &e.Channel, &e.Provider, &e.Code, &e.Record, &e.Second, &e.Nanos)
	e.HasTime = e.Second != noSecond
	return e, err
}

// Events returns one page of events, newest first; those without a time last.
func (d *DB) Events(ctx context.Context, f store.EventFilter, p store.Page) (out []store.EventRef, c store.Cursors,
	err error) {
	defer fault.Wrap(&err, "events")
	from := `finding_event x JOIN event e ON e.id = x.event_id`
	where := `x.finding_id = (SELECT id FROM finding WHERE key = ?)`
	args := []any{f.Finding}
	if f.Finding == "" {
		from = `unattributed x JOIN event e ON e.id = x.event_id`
		where = `(?1 = '' OR x.rule_id = ?1) AND (?2 = '' OR x.dest = ?2) AND (?3 = '' OR x.missing = ?3)`
		args = []any{f.Rule, f.Dest, f.Missing}
	}
	k := keyset{column: "e.second", id: "e.id", page: p}
	cond, kargs, order, err := k.clause()
	if err != nil {
		return nil, c, err
	}
	var marks []mark
	err = d.rows(ctx, func(r *sql.Rows) error {
		e, err := scanEvent(r)
		out, marks = append(out, e), append(marks, mark{Value: e.Second, ID: e.ID})
		return err
	}, `SELECT `+eventColumns+` FROM `+from+eventJoins+` WHERE `+where+cond+order, append(args, kargs...)...)
	if err != nil {
		return nil, c, err
	}
	n := k.trim(len(out))
	out, marks = out[:n.end], marks[:n.end]
	if k.reversed() {
		slices.Reverse(out)
		slices.Reverse(marks)
	}
	return out, k.cursors(marks, n.more), nil
}

// EventByID returns one event.
func (d *DB) EventByID(ctx context.Context, id int64) (store.EventRef, error) {
	e, err := scanEvent(d.r.QueryRowContext(ctx, `SELECT `+eventColumns+` FROM event e`+eventJoins+` WHERE e.id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return e, fault.New(fault.NotFound, "There is no event %d.", id)
	}
	return e, err
}

// Totals counts what the database holds.
func (d *DB) Totals(ctx context.Context) (t store.Totals, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM import WHERE parent IS NULL),
		(SELECT ifnull(sum(events), 0) FROM host),
		(SELECT count(*) FROM host), (SELECT count(*) FROM finding WHERE verdict = 0), (SELECT count(*) FROM note
			WHERE deleted = 0)`).
		Scan(&t.Imports, &t.Events, &t.Hosts, &t.Findings, &t.Notes)
	return t, err
}
