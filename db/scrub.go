package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"escutcheon/store"
)

// When rows are gone over again: after an hour, or sooner where somebody met one that is
// damaged, but not more often than each minute.
const (
	scrubEvery = time.Hour
	scrubRest  = time.Minute
)

// mostDamages is how many damaged rows of a table are named, mostDamaged how many damages.
const mostDamages, mostDamaged = 100, 1000

// scrubbed is what going over the rows found last.
type scrubbed struct {
	mu   sync.Mutex
	last store.Scrub
	met  int64 // how many were met before the database was opened
}

// Scrub goes over all rows that carry a checksum, now and again until the context ends:
// one that is damaged may lie where no page looks, and be missing there.
func (d *DB) Scrub(ctx context.Context, log *slog.Logger) {
	next := time.NewTicker(scrubRest)
	defer next.Stop()
	seen, at := met.Load(), time.Time{}
	for {
		if now := met.Load(); now != seen || time.Since(at) >= scrubEvery {
			blocks := now != seen
			seen, at = now, time.Now()
			if err := d.ScrubOnce(ctx, blocks); err != nil && ctx.Err() == nil {
				log.Error("going over rows", "err", err)
			}
			for _, w := range d.LastScrub().Found {
				log.Error("damaged", "object", w.Object, "what", w.What)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
	}
}

// ScrubOnce goes over all rows that carry a checksum, and, where somebody met damage, over
// the blocks of events.
func (d *DB) ScrubOnce(ctx context.Context, blocks bool) error {
	tx, err := d.out.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	var found []store.Damage
	add := func(w store.Damage) {
		if len(found) < mostDamaged {
			found = append(found, w)
		}
	}
	if err := errors.Join(damagedRows(ctx, tx, add), hiddenRows(ctx, tx, add)); err != nil {
		return err
	}
	if c := (&checking{ctx: ctx, q: &snapshotTx{tx, d.out.lie}, doing: func(string, int64, int64) {}, tell: add}); blocks {
		if err := c.blocks(); err != nil {
			return err
		}
	}
	d.scrubbed.mu.Lock()
	defer d.scrubbed.mu.Unlock()
	d.scrubbed.last = store.Scrub{At: d.now(), Found: found}
	return nil
}

// Met names the rows that are damaged, where one was met since the database was opened.
func (d *DB) Met(ctx context.Context) ([]store.Damage, error) {
	if met.Load() == d.scrubbed.met {
		return nil, nil
	}
	err := d.ScrubOnce(ctx, true)
	return d.LastScrub().Found, err
}

// LastScrub is what was found when the rows were gone over last.
func (d *DB) LastScrub() store.Scrub {
	d.scrubbed.mu.Lock()
	defer d.scrubbed.mu.Unlock()
	return d.scrubbed.last
}

// indexed are the tables whose indexes are gone over with them: one that lacks a row hides
// it from lists.
var indexed = []string{"finding", "risk_event", "object_risk", "triage", "note", "host", "cases", "pin"}

// hiddenRows names the tables whose indexes do not fit them.
func hiddenRows(ctx context.Context, q queryer, damaged func(store.Damage)) error {
	for _, table := range indexed {
		if err := each(ctx, q, func(r *sql.Rows) error {
			var said string
			if err := r.Scan(&said); err != nil || said == "ok" {
				return err
			}
			damaged(store.Damage{Object: "table " + table, What: "its structure is damaged: " + said})
			return nil
		}, fmt.Sprintf(`PRAGMA integrity_check(%s)`, table)); err != nil {
			return err
		}
	}
	return nil
}

// damagedRows names the rows whose checksums do not fit, each once.
func damagedRows(ctx context.Context, q queryer, damaged func(store.Damage)) error {
	told := map[store.Damage]bool{}
	for _, s := range rowSums {
		if err := each(ctx, q, func(r *sql.Rows) error {
			var object sql.NullString
			err := r.Scan(&object)
			what := store.Damage{Object: object.String, What: "its row in " + s.table + " does not fit its checksum"}
			if err == nil && !told[what] {
				told[what] = true
				damaged(what)
			}
			return err
		}, `SELECT `+s.object+` FROM `+s.table+` WHERE NOT `+s.whole(s.table)+` LIMIT ?`, mostDamages); err != nil {
			return err
		}
	}
	return nil
}
