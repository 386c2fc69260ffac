package db

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
)

// mostAround is how many events around a change are looked at, the nearest first.
const mostAround = 60

// Around are the events between two moments that findings of a dest rest on, by
// their finding, those of changes of note apart. Of many they are the ones whose
// windows are nearest to near. Of one that is lost its finding is not told.
func (d *DB) Around(ctx context.Context, dest string, from, to, near time.Time) (out []store.ChainEvent, err error) {
	defer fault.Wrap(&err, "what happened around")
	const window = 2 * 3600 // a window starts as long before its events at most
	err = d.snapshot(ctx, func(q conn) error {
		of := map[int64][]store.Finding{}
		var ids []int64
		names, err := namesOf(ctx, q, dest)
		if err != nil {
			return err
		}
		is, arg := isOne("f.dest", names)
		is = strings.Replace(is, "?", "?1", 1)
		if err := each(ctx, q, func(r *sql.Rows) error {
			var event int64
			f, err := ownScan(r, &event)
			if of[event] == nil {
				ids = append(ids, event)
			}
			of[event] = append(of[event], f)
			return err
		}, `SELECT `+ownColumns("f")+`, x.event_id
			FROM finding f INDEXED BY finding_dest JOIN finding_event x ON x.finding_id = f.id
			WHERE `+is+` AND f.verdict <= 1 AND f.change = 0 AND f.last >= ?2 AND f.first <= ?3
				AND x.start >= ?2 - ?5 AND x.start <= ?3
			ORDER BY abs(x.start + 1800 - ?4), x.event_id LIMIT ?6`, arg, from.Unix(), to.Unix(), near.Unix(), window,
			mostAround); err != nil {
			return err
		}
		found, err := refs(ctx, q, ids)
		for _, e := range found {
			at := time.Unix(e.Second, e.Nanos)
			if e.Lost.Any() {
				out = append(out, store.ChainEvent{EventRef: e})
				continue
			}
			if !e.HasTime || at.Before(from) || at.After(to) {
				continue
			}
			for _, f := range of[e.ID] {
				out = append(out, store.ChainEvent{EventRef: e, Finding: f})
			}
		}
		return err
	})
	return out, err
}
