package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"escutcheon/detection"
	"escutcheon/eventstore/block"
	"escutcheon/fault"
)

var errTooManyFindings = fault.New(fault.Invalid, "There are more than %d findings, too many to count by property. "+
	"Filter by rule, dest, time or text.", mostFindings)

// about is what a finding is about.
type about struct {
	id              int64
	module, channel string
}

// mostDescribed is how many findings a list describes that are yet to be stored so.
const mostDescribed = 500

// longestModule is how much of a module's name is kept, in bytes: it is a log's.
const longestModule = 256

// describe says what findings are about: of its newest event, and of its row.
func describe(ctx context.Context, q conn, rules *detection.Rules, ids []int64) (out []about, err error) {
	events := map[int64]int64{}
	err = each(ctx, q, func(r *sql.Rows) error {
		var a about
		var rule string
		var row sql.RawBytes
		var kind detection.Kind
		var event sql.NullInt64
		if err := r.Scan(&a.id, &rule, &row, &kind, &event); err != nil {
			return err
		}
		if rules != nil && kind&detection.ModuleKinds != 0 {
			if of := rules.Find(rule); of != nil {
				c, _ := of.ChangeOf(cells(string(row)), kind)
				a.module = c.Module[:min(len(c.Module), longestModule)]
			}
		}
		if out = append(out, a); event.Valid {
			events[a.id] = event.Int64
		}
		return nil
	}, `SELECT id, rule_id, row, change, (SELECT event_id FROM finding_event WHERE finding_id = finding.id
		ORDER BY start DESC, event_id DESC LIMIT 1) FROM finding WHERE id IN (SELECT value FROM json_each(?))`, jsonList(ids))
	if err != nil {
		return nil, err
	}
	channels, err := channelsOf(ctx, q, events)
	for i := range out {
		out[i].channel = channels[events[out[i].id]]
	}
	return out, err
}

// channelsOf are the channels of events, by their numbers.
func channelsOf(ctx context.Context, q conn, events map[int64]int64) (map[int64]string, error) {
	out := make(map[int64]string, len(events))
	ids := make([]int64, 0, len(events))
	for _, e := range events {
		ids = append(ids, e)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	n := &names{ctx: ctx, q: q, of: map[string]map[int64]string{"channel": {}}}
	for len(ids) > 0 {
		first, c, err := columnsHolding(ctx, q, ids[0])
		if err != nil && !errors.Is(err, block.ErrDamaged) {
			return nil, err
		}
		if c == nil { // it is gone, or its block is damaged
			ids = ids[1:]
			continue
		}
		for len(ids) > 0 && ids[0] < first+int64(c.Len()) {
			if out[ids[0]], err = n.name("channel", c.Channel[ids[0]-first]); err != nil {
				return nil, err
			}
			ids = ids[1:]
		}
	}
	return out, nil
}

// How many rows of the log are looked at in a transaction, and how many stay.
const (
	mostLogged = 1000
	keptLogged = 20_000
)

// undescribed is a row where there are findings that nothing has been said of.
const undescribed = `SELECT 1 FROM sequence WHERE name = 'about' AND last < (SELECT max(seq) FROM finding_log)`

// describeSome stores what the next findings of the log are about.
func describeSome(t *tx, rules *detection.Rules) error {
	var at, to int64
	if err := t.get(`SELECT last, ifnull((SELECT max(seq) FROM (SELECT seq FROM finding_log WHERE seq > last
		ORDER BY seq LIMIT ?)), last) FROM sequence WHERE name = 'about'`, []any{mostLogged}, &at,
		&to); err != nil || at == to {
		return err
	}
	ids, err := t.column(`SELECT DISTINCT l.id FROM finding_log l JOIN finding f ON f.id = l.id
		WHERE l.seq > ? AND l.seq <= ? AND NOT EXISTS (SELECT 1 FROM finding_about WHERE id = l.id)`, at, to)
	if err != nil {
		return err
	}
	list, err := describe(t.ctx, t, rules, ids)
	if err == nil {
		err = t.execMany(`INSERT INTO finding_about (id, module, channel) VALUES `, `(?, ?, ?)`, ` ON CONFLICT DO NOTHING`,
			len(list), func(dst []any, i int) []any { return append(dst, list[i].id, list[i].module, list[i].channel) })
	}
	if err != nil {
		return err
	}
	if _, err = t.exec(`DELETE FROM finding_log WHERE seq <= ?`, to-keptLogged); err == nil {
		_, err = t.exec(`UPDATE sequence SET last = ? WHERE name = 'about'`, to)
	}
	return err
}
