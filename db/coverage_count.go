package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/intake"
)

// What is counted in one transaction at most.
const (
	countTime    = 100 * time.Millisecond // of looking through blocks; writing takes less than that
	mostCounts   = 1 << 15
	mostLate     = 64
	listedBlocks = 1024
)

// CountCoverage counts stored events for what Coverage says, in steps, for so long
// at most but for the step that is under way then. Without it Coverage says the
// same as long as little is left to count.
func (d *DB) CountCoverage(ctx context.Context, most time.Duration) (err error) {
	defer fault.Wrap(&err, "count the events of each channel")
	for began := time.Now(); time.Since(began) < most; {
		due, err := d.coverageDue(ctx)
		if err != nil || !due {
			return err
		}
		if err := d.countSome(ctx, time.Now().Add(countTime), listedBlocks); err != nil {
			return err
		}
	}
	return nil
}

// coverageDue says whether there is anything to count. Hosts wait with being
// counted anew while an import is being deleted: they may lose more.
func (d *DB) coverageDue(ctx context.Context) (due bool, err error) {
	err = d.snapshot(ctx, func(q conn) error {
		return one(ctx, q, `SELECT c.last < r.last OR EXISTS (SELECT 1 FROM coverage_late)
			OR EXISTS (SELECT 1 FROM coverage_behind) AND NOT EXISTS (SELECT 1 FROM import WHERE status = ?)
			FROM sequence c, sequence r WHERE c.name = 'coverage' AND r.name = 'record'`, []any{intake.Deleting}, &due)
	})
	return due, err
}

// countEvery is how often KeepCoverage looks whether anything is to be counted.
const countEvery = 2 * time.Second

// KeepCoverage counts what is stored, and changes, until the context ends.
func (d *DB) KeepCoverage(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for said := ""; ; {
		if err := d.CountCoverage(ctx, time.Hour); err != nil && ctx.Err() == nil && err.Error() != said {
			said = err.Error()
			log.Warn("count the events of each channel", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// countSome does one step, of so many blocks at most.
func (d *DB) countSome(ctx context.Context, until time.Time, blocks int) error {
	return d.writeLax(ctx, func(t *tx) error {
		c := counting{tx: t, until: until, most: blocks}
		return c.step()
	})
}

// counting is one step.
type counting struct {
	*tx
	until time.Time
	most  int // blocks
	block.Columns
}

func (c *counting) step() error {
	if err := c.late(); err != nil {
		return err
	}
	var counted, last int64
	if err := c.get(`SELECT c.last, r.last FROM sequence c, sequence r WHERE c.name = 'coverage' AND r.name = 'record'`,
		nil, &counted, &last); err != nil {
		return err
	}
	b, err := c.behind(counted)
	if err != nil {
		return err
	}
	if counted < last {
		at, err := c.pass(counted, last, newChannelCounts(func(host int64) bool { return !b.all[host] }), nil)
		if err == nil {
			_, err = c.exec(`UPDATE sequence SET last = ? WHERE name = 'coverage'`, at)
		}
		return err
	}
	if len(b.next) == 0 {
		return nil
	}
	return c.anew(b, counted)
}

// late marks the hosts of blocks that came late.
func (c *counting) late() error {
	firsts, err := c.column(`SELECT first FROM coverage_late ORDER BY first LIMIT ?`, mostLate)
	if err != nil || len(firsts) == 0 {
		return err
	}
	hosts := map[int64]bool{}
	for _, first := range firsts {
		list, err := c.list(first-1, first, 1)
		if err != nil {
			return err
		}
		for i := range list {
			err := c.read(&list[i])
			if errors.Is(err, block.ErrDamaged) {
				passed(list[i].first, int(list[i].count))
				continue
			}
			if err != nil {
				return err
			}
			for row, id := range c.Event {
				if id == first+int64(row) {
					hosts[c.Host[row]] = true
				}
			}
		}
	}
	if err := c.countAnew(hosts); err != nil {
		return err
	}
	_, err = c.exec(`DELETE FROM coverage_late WHERE first <= ?`, firsts[len(firsts)-1])
	return err
}

// countAnew says that what is known of hosts is not so any more.
func (t *tx) countAnew(hosts map[int64]bool) error {
	delete(hosts, 0)
	list := slices.Sorted(maps.Keys(hosts))
	return t.execMany(`INSERT INTO coverage_behind (host_id, cursor) VALUES `, `(?, 0)`,
		` ON CONFLICT DO UPDATE SET cursor = 0 WHERE cursor > 0`, len(list), func(args []any, i int) []any {
			return append(args, list[i])
		})
}

// behind are the hosts that are counted anew.
type behind struct {
	all      map[int64]bool
	next     map[int64]bool // those that have furthest to go
	from, to int64          // how far next are, and where they meet the next ones
}

func (c *counting) behind(counted int64) (*behind, error) {
	b := &behind{all: map[int64]bool{}, next: map[int64]bool{}, to: counted}
	return b, c.each(func(r *sql.Rows) error {
		var host, cursor int64
		err := r.Scan(&host, &cursor)
		b.all[host] = true
		switch {
		case len(b.all) == 1:
			b.from, b.next[host] = cursor, true
		case cursor == b.from:
			b.next[host] = true
		default:
			b.to = min(b.to, cursor)
		}
		return err
	}, `SELECT host_id, cursor FROM coverage_behind ORDER BY cursor`)
}

// anew counts what follows for the hosts that have furthest to go.
func (c *counting) anew(b *behind, counted int64) error {
	if b.from == 0 {
		if _, err := c.exec(`DELETE FROM coverage WHERE host_id IN
			(SELECT host_id FROM coverage_behind WHERE cursor = 0)`); err != nil {
			return err
		}
	}
	at, err := c.pass(b.from, b.to, newChannelCounts(func(host int64) bool { return b.next[host] }),
		slices.Collect(maps.Keys(b.next)))
	if err != nil {
		return err
	}
	query := `UPDATE coverage_behind SET cursor = ?2 WHERE cursor = ?1`
	if at >= counted {
		query = `DELETE FROM coverage_behind WHERE cursor = ?1 AND ?2 > 0`
	}
	_, err = c.exec(query, b.from, at)
	return err
}
