package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/fault"
)

// The rows that versions before the seventh kept of each event, block and
// sighting are taken over in steps, each a transaction: whoever opens the
// database goes on where another one stopped. What is taken over is deleted, and
// a copy of the old file kept until all is.

// upgradeStep is how many blocks are taken over in one transaction.
const upgradeStep = 64

// keptCopy is where the old file is kept meanwhile.
func (d *DB) keptCopy() string { return d.path + ".before-upgrade" }

// copyOld keeps a copy of a database of an older version that has events.
func (d *DB) copyOld(ctx context.Context) error {
	var old int
	err := d.w.conn.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = 'event'
		AND (SELECT application_id FROM pragma_application_id) = ?`, applicationID).Scan(&old)
	if err != nil || old == 0 {
		return err
	}
	if err := d.w.conn.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM event LIMIT 1)`).Scan(&old); err != nil ||
		old == 0 {
		return err
	}
	if _, err := os.Stat(d.keptCopy()); err == nil {
		return nil
	}
	tmp := fmt.Sprintf("%s-%d", d.keptCopy(), os.Getpid())
	_ = os.Remove(tmp) // of a process with the same number that was killed
	if _, err := d.w.conn.ExecContext(ctx, `VACUUM INTO ?`, tmp); err != nil {
		return errors.Join(fault.New(fault.Invalid, "%q is of an older version and has to be brought up to date. "+
			"It cannot be copied before that, to %q (%v). Free some space there and try again.", d.path, d.keptCopy(), err),
			os.Remove(tmp))
	}
	return os.Rename(tmp, d.keptCopy())
}

// upgrade takes over what older versions stored. progress is told how many
// records are done.
func (d *DB) upgrade(ctx context.Context, progress func(done, all int64)) (err error) {
	defer fault.Wrap(&err, "bring the database up to date")
	for {
		var done bool
		var at, all int64
		err := d.writeLarge(ctx, func(t *tx) error {
			var old int
			if err := t.get(`SELECT count(*) FROM sqlite_schema WHERE name = 'old_block'`, nil, &old); err != nil || old == 0 {
				done = true
				return err
			}
			u := &upgrading{t}
			if done, err = u.step(); err != nil {
				return err
			}
			return t.get(`SELECT (SELECT ifnull(max(first + count - 1), 0) FROM block),
				(SELECT last FROM sequence WHERE name = 'record')`, nil, &at, &all)
		})
		if err != nil {
			return err
		}
		if done {
			break
		}
		if progress != nil {
			progress(at, all)
		}
	}
	if err := os.Remove(d.keptCopy()); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

type upgrading struct{ *tx }

// step does one step and says whether it was the last.
func (u *upgrading) step() (done bool, err error) {
	firsts, err := u.column(`SELECT first_event FROM old_block ORDER BY first_event LIMIT ?`, upgradeStep)
	if err != nil {
		return false, err
	}
	for _, first := range firsts {
		if err := u.block(first); err != nil {
			return false, fmt.Errorf("block %d: %w", first, err)
		}
	}
	if len(firsts) > 0 {
		return false, nil
	}
	imports, err := u.column(`SELECT DISTINCT import_id FROM old_sighting ORDER BY import_id LIMIT 1`)
	if err != nil {
		return false, err
	}
	for _, i := range imports {
		return false, u.sightings(i)
	}
	return true, u.do(nil, `DROP TABLE old_sighting`, `DROP TABLE old_event`, `DROP TABLE old_block`)
}

// block takes one block over, with the rows of its events.
func (u *upgrading) block(first int64) error {
	var count, imported, reading int64
	var data []byte
	if err := u.get(`SELECT count, import_id, reading_id, data FROM old_block WHERE first_event = ?`, []any{first},
		&count, &imported, &reading, &data); err != nil {
		return err
	}
	o, err := block.Unpack(data, int(count))
	if err != nil {
		return err
	}
	c, err := u.columns(first, count)
	if err != nil {
		return err
	}
	w := &work{tx: u.tx, mem: &memory{columns: map[int64]*block.Columns{}}, touched: true}
	if err := w.addBlock(blockInfo{first: first, imported: imported, reading: reading}, c,
		&block.Packed{Count: int(count), Size: o.Size(), Bytes: data, Words: block.FilterOf(o)}); err != nil {
		return err
	}
	if imported == 0 {
		if _, err := u.exec(`INSERT INTO bare (first) VALUES (?)`, first); err != nil {
			return err
		}
	}
	_, err = u.exec(`DELETE FROM old_block WHERE first_event = ?`, first)
	return err
}

// columns are those of a block's records.
func (u *upgrading) columns(first, count int64) (*block.Columns, error) {
	var c block.Columns
	c.Resize(int(count))
	for i := range c.Second {
		c.Second[i], c.Code[i], c.Record[i] = noSecond, event.None, event.None
	}
	digests := map[int64][]byte{}
	err := u.each(func(r *sql.Rows) error {
		var id, host, channel, provider, record, code, second, nanos int64
		var digest []byte
		if err := r.Scan(&id, &host, &channel, &provider, &record, &code, &second, &nanos, &digest); err != nil {
			return err
		}
		i := id - first
		c.Event[i], c.Host[i], c.Channel[i], c.Provider[i] = id, host, channel, provider
		c.Record[i], c.Code[i], c.Second[i], c.Nanos[i] = record, code, second, nanos
		if digest != nil {
			digests[id] = digest
		}
		return nil
	}, `SELECT id, host_id, channel_id, provider_id, record, code, second, nanos, digest FROM old_event
		WHERE id >= ? AND id < ?`, first, first+count)
	if err != nil {
		return nil, err
	}
	for id, digest := range digests {
		if _, err := u.exec(`INSERT INTO digest (digest, event_id) VALUES (?, ?)`, digest, id); err != nil {
			return nil, err
		}
	}
	return &c, u.each(func(r *sql.Rows) error {
		var record, id int64
		err := r.Scan(&record, &id)
		c.Event[record-first] = id
		return err
	}, `SELECT record_id, event_id FROM old_sighting WHERE record_id >= ? AND record_id < ? AND record_id <> event_id`,
		first, first+count)
}

// sightings takes the further sightings of an import over.
func (u *upgrading) sightings(imported int64) error {
	var list []again
	err := u.each(func(r *sql.Rows) error {
		s := again{imported: imported}
		err := r.Scan(&s.event, &s.offset, &s.record)
		list = append(list, s)
		return err
	}, `SELECT event_id, offset, record_id FROM old_sighting WHERE import_id = ?`, imported)
	if err != nil {
		return err
	}
	if err := u.addAgain(imported, list); err != nil {
		return err
	}
	_, err = u.exec(`DELETE FROM old_sighting WHERE import_id = ?`, imported)
	return err
}
