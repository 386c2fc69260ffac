package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
)

// StoreFeeds stores what live feeds brought, all in one transaction that is on the
// disk when it returns; what was stored before is not stored again. Each source has
// one import a day.
func (d *DB) StoreFeeds(ctx context.Context, list []intake.Delivery) (out []intake.Delivered, err error) {
	defer fault.Wrap(&err, "store %d deliveries of feeds", len(list))
	packed := make([][][]byte, len(list))
	for i := range list { // before the lock is taken
		packed[i] = packRejected(list[i].Rejected)
	}
	err = d.writeLarge(ctx, func(t *tx) error {
		t.whole = true
		f := &feeding{d: d, tx: t, feeds: map[intake.Feed]*feed{}}
		out = make([]intake.Delivered, len(list))
		for i := range list {
			if out[i], err = f.add(&list[i], packed[i]); err != nil {
				return err
			}
		}
		if err := f.store(); err != nil {
			return err
		}
		s, _, err := d.settlerNow(t)
		if err != nil || s == nil { // nothing was stored but what was known
			return err
		}
		return s.all()
	})
	return out, err
}

// feeding stores deliveries: those of one import that are read alike as one batch.
type feeding struct {
	*tx
	d     *DB
	feeds map[intake.Feed]*feed
	list  []*feed
}

// feed is a source, and what this transaction adds to it.
type feed struct {
	id           int64
	came, newest int64
	deliveries   int64
	repeated     int64
	counts       intake.Counts
	days         []*feedDay
}

// feedDay is the import of a source on a day.
type feedDay struct {
	imp     intake.Import
	day     int64
	at      int64 // where the next delivery begins
	lines   int64 // how many rejections come before its own
	batches []*feedBatch
}

type feedBatch struct {
	intake.Batch
	reading  intake.Reading
	rejected []intake.RejectedPart
	packed   [][]byte
}

// add takes a delivery, unless it is known.
func (f *feeding) add(one *intake.Delivery, packed [][]byte) (out intake.Delivered, err error) {
	if out.Repeated, err = f.took(one.Place); err != nil || out.Repeated {
		return out, err
	}
	s, err := f.feed(one)
	if err != nil {
		return out, err
	}
	s.deliveries++
	s.came = max(s.came, one.Came.UnixNano())
	err = f.get(`SELECT import_id FROM feed_sent WHERE feed_id = ? AND digest = ?`, []any{s.id, one.Digest[:]},
		&out.Import)
	if err == nil {
		s.repeated++
		out.Repeated = true
		return out, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return out, err
	}
	day, err := f.day(s, one)
	if err != nil {
		return out, err
	}
	out.Import = day.imp.ID
	if _, err := f.exec(`INSERT INTO feed_sent (feed_id, digest, came, import_id) VALUES (?, ?, ?, ?)`, s.id,
		one.Digest[:], f.d.now().UnixNano(), out.Import); err != nil {
		return out, err
	}
	day.take(one, packed)
	if !one.Newest.IsZero() {
		s.newest = max(s.newest, one.Newest.UnixNano())
	}
	return out, nil
}

// take adds a delivery to the import of its day.
func (day *feedDay) take(one *intake.Delivery, packed [][]byte) {
	b := day.batch(one)
	for i, p := range one.Rejected {
		p.N += day.lines
		b.rejected, b.packed = append(b.rejected, p), append(b.packed, packed[i])
	}
	b.Join(one.Batch, day.at)
	day.lines += int64(len(one.Batch.Rejections))
	day.at += one.Batch.Bytes
	day.imp.SHA256 = chained(day.imp.SHA256, one.Digest)
}

// batch is the one that a delivery joins. The numbers of rejections follow each
// other: what is read otherwise begins another.
func (day *feedDay) batch(one *intake.Delivery) *feedBatch {
	if n := len(day.batches); n > 0 {
		if b := day.batches[n-1]; b.reading == one.Reading && b.Rules == one.Batch.Rules {
			return b
		}
	}
	b := &feedBatch{reading: one.Reading}
	day.batches = append(day.batches, b)
	return b
}

// chained is the sum of an import with one more delivery: the SHA-256 of the sum
// before and of that of what came, both in hex.
func chained(sum string, digest [32]byte) string {
	next := sha256.Sum256([]byte(sum + hex.EncodeToString(digest[:])))
	return hex.EncodeToString(next[:])
}

// feed finds a delivery's source, or makes it.
func (f *feeding) feed(one *intake.Delivery) (*feed, error) {
	if s := f.feeds[one.Feed]; s != nil {
		return s, nil
	}
	s := &feed{}
	err := f.get(`INSERT INTO feed (name, kind, first, last, newest, deliveries, repeated, bytes, read, new, rejected)
		VALUES (?1, ?2, ?3, ?3, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT (name, kind) DO UPDATE SET last = last RETURNING id`,
		[]any{one.Name, one.Kind, one.Came.UnixNano()}, &s.id)
	if err == nil {
		f.feeds[one.Feed], f.list = s, append(f.list, s)
	}
	return s, err
}

// day finds the import of a source on the day when something came, or makes it.
func (f *feeding) day(s *feed, one *intake.Delivery) (*feedDay, error) {
	n := one.Came.Unix() / (24 * 60 * 60)
	for _, day := range s.days {
		if day.day == n {
			return day, nil
		}
	}
	imp, err := scanImport(f.QueryRowContext(f.ctx, `SELECT `+importColumns+` FROM import WHERE status = ? AND id =
		(SELECT import_id FROM feed_day WHERE feed_id = ? AND day = ?)`, intake.Feeding, s.id, n))
	if errors.Is(err, sql.ErrNoRows) {
		imp, err = f.begin(s, one, n)
	}
	if err != nil {
		return nil, err
	}
	day := &feedDay{imp: imp, day: n, at: imp.Bytes, lines: imp.Rejected}
	s.days = append(s.days, day)
	return day, nil
}

// begin makes the import of a day.
func (f *feeding) begin(s *feed, one *intake.Delivery, day int64) (i intake.Import, err error) {
	i = intake.Import{Name: fmt.Sprintf("%s (%s), %s", one.Name, one.Kind, one.Came.UTC().Format(time.DateOnly)),
		Source: intake.Live, Status: intake.Feeding, Format: one.Reading.Format, Encoding: one.Reading.Encoding,
		Zone: one.Reading.Zone}
	if i.ID, err = f.d.addImport(f.ctx, f.tx, i); err != nil {
		return i, err
	}
	if _, err = f.exec(`UPDATE import SET format = ?, encoding = ?, started = ? WHERE id = ?`, i.Format, i.Encoding,
		one.Came.UnixNano(), i.ID); err != nil {
		return i, err
	}
	_, err = f.exec(`INSERT INTO feed_day (feed_id, day, import_id) VALUES (?, ?, ?) ON CONFLICT DO UPDATE
		SET import_id = excluded.import_id`, s.id, day, i.ID)
	return i, err
}

// store stores all that was taken.
func (f *feeding) store() error {
	for _, s := range f.list {
		for _, day := range s.days {
			if err := f.storeDay(s, day); err != nil {
				return err
			}
		}
		if _, err := f.exec(`UPDATE feed SET last = max(last, ?), newest = max(newest, ?), deliveries = deliveries + ?,
			repeated = repeated + ?, bytes = bytes + ?, read = read + ?, new = new + ?, rejected = rejected + ?, expired = expired + ?
			WHERE id = ?`, s.came, s.newest, s.deliveries, s.repeated, s.counts.Bytes, s.counts.Read, s.counts.New,
			s.counts.Rejected, s.counts.Expired, s.id); err != nil {
			return err
		}
	}
	return nil
}

func (f *feeding) storeDay(s *feed, day *feedDay) error {
	before := day.imp.Counts
	for _, b := range day.batches {
		i := day.imp
		i.Format, i.Encoding, i.Zone = b.reading.Format, b.reading.Encoding, b.reading.Zone
		i.Computer, i.Dates = b.reading.Computer, b.reading.Dates
		b.Import, b.Batch.Bytes = i.ID, day.imp.Bytes+b.Batch.Bytes
		if _, err := f.d.storeBatch(f.ctx, f.tx, &i, &b.Batch); err != nil {
			return err
		}
		day.imp.Counts = i.Counts
		if err := f.keepRejected(i.ID, b.rejected, b.packed); err != nil {
			return err
		}
	}
	c := day.imp.Counts
	s.counts.Add(intake.Counts{Bytes: s.counts.Bytes + c.Bytes - before.Bytes, Read: c.Read - before.Read,
		New: c.New - before.New, Rejected: c.Rejected - before.Rejected, Expired: c.Expired - before.Expired})
	_, err := f.exec(`UPDATE import SET sha256 = ?, size = bytes WHERE id = ?`, day.imp.SHA256, day.imp.ID)
	return err
}

// EndFeedDays ends the imports of feeds whose day is over, and forgets what came too
// long ago to be sent again.
func (d *DB) EndFeedDays(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "end days of feeds")
	now := d.now()
	var due bool
	if err := d.r.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM feed_day JOIN import ON id = import_id
		WHERE status = ? AND day < ?) OR EXISTS (SELECT 1 FROM feed_sent WHERE came < ?)`, intake.Feeding,
		now.Unix()/(24*60*60), now.Add(-intake.FeedMemory).UnixNano()).Scan(&due); err != nil || !due {
		return err
	}
	return d.writeQuietly(ctx, func(t *tx) error {
		over := `SELECT import_id FROM feed_day JOIN import ON id = import_id WHERE status = ? AND day < ?`
		args := []any{intake.Feeding, now.Unix() / (24 * 60 * 60)}
		if _, err := t.exec(`DELETE FROM ordinal WHERE import_id IN (`+over+`)`, args...); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE import SET status = ?3, finished = beat WHERE id IN (`+
			`SELECT import_id FROM feed_day JOIN import ON id = import_id WHERE status = ?1 AND day < ?2)`,
			append(args, intake.Done)...); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM feed_sent WHERE came < ?`, now.Add(-intake.FeedMemory).UnixNano())
		return err
	})
}
