package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"escutcheon/eventstore/block"
	"escutcheon/intake"
)

// conn is a transaction or the read pool.
type conn interface {
	contents() contents
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// records reads the bytes of records and the sightings of events. It keeps the
// blocks that it used last: neighbours are mostly asked for together.
type records struct {
	ctx      context.Context
	q        conn
	readings map[int64]intake.Reading
	blocks   []*opened // the one used last is last
	size     int64     // bytes of blocks
	fresh    freshRecords
}

// freshRecords are those of a batch that is being stored: the records from
// first on.
type freshRecords struct {
	first    int64
	imported int64
	reading  intake.Reading
	at       func(n int64) (offset int64, raw string)
	n        int64
}

func (f *freshRecords) holds(id int64) bool { return f.n > 0 && id >= f.first && id < f.first+f.n }

// mostOpened is how many bytes of unpacked blocks are kept, unless one alone is
// more.
const mostOpened = 32 << 20

func newRecords(ctx context.Context, q conn) *records {
	return &records{ctx: ctx, q: q, readings: map[int64]intake.Reading{}}
}

// opened is one block of records, unpacked.
type opened struct {
	first, count, imported, reading, size int64
	*block.Originals
}

func (b *opened) holds(id int64) bool { return id >= b.first && id < b.first+b.count }

// block finds the block that holds a record; nil when there is none any more.
func (r *records) block(id int64) (*opened, error) {
	for i := len(r.blocks) - 1; i >= 0; i-- {
		if b := r.blocks[i]; b.holds(id) {
			copy(r.blocks[i:], r.blocks[i+1:])
			r.blocks[len(r.blocks)-1] = b
			return b, nil
		}
	}
	var b opened
	err := r.q.QueryRowContext(r.ctx, `SELECT first, count, import_id, reading_id, size FROM block WHERE first <= ?
		ORDER BY first DESC LIMIT 1`, id).Scan(&b.first, &b.count, &b.imported, &b.reading, &b.size)
	if err == nil && b.holds(id) {
		b.Originals, err = r.q.contents().originals(r.ctx, r.q, b.first, int(b.count))
	}
	if errors.Is(err, sql.ErrNoRows) || err == nil && !b.holds(id) {
		return nil, nil
	}
	if err != nil {
		return nil, damaged(b.first, err)
	}
	r.keep(&b)
	return &b, nil
}

func (r *records) keep(b *opened) {
	for len(r.blocks) > 0 && r.size+b.size > mostOpened {
		r.size -= r.blocks[0].size
		r.blocks[0] = nil
		r.blocks = r.blocks[1:]
	}
	r.blocks, r.size = append(r.blocks, b), r.size+b.size
}

// forget drops a block that changes.
func (r *records) forget(first int64) {
	for i, b := range r.blocks {
		if b.first == first {
			r.size -= b.size
			r.blocks = append(r.blocks[:i:i], r.blocks[i+1:]...)
			return
		}
	}
}

func (r *records) readingOf(id int64) (intake.Reading, error) {
	if v, ok := r.readings[id]; ok {
		return v, nil
	}
	var v intake.Reading
	err := r.q.QueryRowContext(r.ctx, `SELECT format, encoding, zone, computer, dates, before FROM reading
		WHERE id = ?`, id).Scan(&v.Format, &v.Encoding, &v.Zone, &v.Computer, &v.Dates, &v.Before)
	if err == nil {
		r.readings[id] = v
	}
	return v, err
}

// record is a record by its number: its bytes, where its first sighting stands
// (the import is 0 when that is gone) and how it is decoded.
func (r *records) record(id int64) (intake.Sighting, error) {
	if f := &r.fresh; f.holds(id) {
		s := intake.Sighting{Import: f.imported, Record: id, Reading: f.reading}
		s.Offset, s.Raw = f.at(id - f.first)
		return s, nil
	}
	b, err := r.block(id)
	if err != nil {
		return intake.Sighting{}, err
	}
	if b == nil {
		return intake.Sighting{}, fmt.Errorf("the bytes of record %d are missing: %w", id, block.ErrDamaged)
	}
	s := intake.Sighting{Import: b.imported, Record: id}
	s.Offset, s.Raw = b.Record(int(id - b.first))
	s.Reading, err = r.readingOf(b.reading)
	return s, err
}

// sightings are all places where an event stands, its first sighting first.
func (r *records) sightings(id int64) ([]intake.Sighting, error) {
	more, err := againAmong(r.ctx, r.q, id, id)
	if err != nil {
		return nil, err
	}
	return r.seen(id, more[id])
}

// seen are the places where an event stands, of which the further ones are
// known.
func (r *records) seen(id int64, more []again) (out []intake.Sighting, err error) {
	first, err := r.first(id)
	if err != nil {
		return nil, err
	}
	if first != nil {
		out = append(out, *first)
	}
	for _, s := range more {
		rec, err := r.record(s.record)
		if err != nil {
			return nil, err
		}
		rec.Import, rec.Offset = s.imported, s.offset
		out = append(out, rec)
	}
	return out, nil
}

// first is the first sighting of an event, or nil when its import was deleted.
func (r *records) first(id int64) (*intake.Sighting, error) {
	if !r.fresh.holds(id) {
		b, err := r.block(id)
		if err != nil || b == nil || b.imported == 0 {
			return nil, err
		}
	}
	s, err := r.record(id)
	return &s, err
}
