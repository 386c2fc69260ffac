package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"escutcheon/intake"
)

// conn is a transaction or the read pool.
type conn interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// records reads the bytes of records and the sightings of events. It keeps the
// blocks that it used last: neighbours are mostly asked for together.
type records struct {
	ctx      context.Context
	q        conn
	readings map[int64]intake.Reading
	blocks   []*block         // the one used last is last
	fresh    map[int64]string // of records whose block is not stored yet
	import_  int64            // whose they are
	reading  intake.Reading   // and how they are decoded
}

// mostBlocks is how many blocks are kept unpacked.
const mostBlocks = 24

func newRecords(ctx context.Context, q conn) *records {
	return &records{ctx: ctx, q: q, readings: map[int64]intake.Reading{}}
}

// block is one block of records, unpacked.
type block struct {
	first, importID, readingID int64
	recs                       []record
}

func (b *block) holds(id int64) bool { return id >= b.first && id < b.first+int64(len(b.recs)) }

// block finds the block that holds a record; nil when there is none any more.
func (r *records) block(id int64) (*block, error) {
	for i := len(r.blocks) - 1; i >= 0; i-- {
		if b := r.blocks[i]; b.holds(id) {
			copy(r.blocks[i:], r.blocks[i+1:])
			r.blocks[len(r.blocks)-1] = b
			return b, nil
		}
	}
	b, err := scanBlock(r.q.QueryRowContext(r.ctx, `SELECT first_event, count, import_id, reading_id, data FROM block
		WHERE first_event <= ? ORDER BY first_event DESC LIMIT 1`, id))
	if err != nil || b == nil || !b.holds(id) {
		return nil, err
	}
	if len(r.blocks) == mostBlocks {
		copy(r.blocks, r.blocks[1:])
		r.blocks = r.blocks[:mostBlocks-1]
	}
	r.blocks = append(r.blocks, b)
	return b, nil
}

func scanBlock(row interface{ Scan(...any) error }) (*block, error) {
	var b block
	var count int
	var data []byte
	err := row.Scan(&b.first, &count, &b.importID, &b.readingID, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if b.recs, err = unpack(data, count); err != nil {
		return nil, fmt.Errorf("block %d: %w", b.first, err)
	}
	return &b, nil
}

// disown says that the import of a block is gone.
func (r *records) disown(first int64) {
	for _, b := range r.blocks {
		if b.first == first {
			b.importID = 0
		}
	}
}

func (r *records) readingOf(id int64) (intake.Reading, error) {
	if v, ok := r.readings[id]; ok {
		return v, nil
	}
	var v intake.Reading
	err := r.q.QueryRowContext(r.ctx, `SELECT format, encoding, zone, computer, dates FROM reading WHERE id = ?`, id).
		Scan(&v.Format, &v.Encoding, &v.Zone, &v.Computer, &v.Dates)
	if err == nil {
		r.readings[id] = v
	}
	return v, err
}

// record is a record by its number: its bytes, where its first sighting stands
// (the import is 0 when that is gone) and how it is decoded.
func (r *records) record(id int64) (intake.Sighting, error) {
	if raw, ok := r.fresh[id]; ok {
		return intake.Sighting{Import: r.import_, Record: id, Raw: raw, Reading: r.reading}, nil
	}
	b, err := r.block(id)
	if err != nil {
		return intake.Sighting{}, err
	}
	if b == nil {
		return intake.Sighting{}, fmt.Errorf("the bytes of record %d are missing: %w", id, errBlock)
	}
	reading, err := r.readingOf(b.readingID)
	rec := b.recs[id-b.first]
	return intake.Sighting{Import: b.importID, Offset: rec.offset, Record: id, Raw: rec.raw, Reading: reading}, err
}

// sightings are all places where an event stands, its first sighting first.
func (r *records) sightings(id int64) (out []intake.Sighting, err error) {
	first, err := r.first(id)
	if err != nil {
		return nil, err
	}
	if first != nil {
		out = append(out, *first)
	}
	var more []intake.Sighting
	err = each(r.ctx, r.q, func(rows *sql.Rows) error {
		var s intake.Sighting
		err := rows.Scan(&s.Import, &s.Offset, &s.Record)
		more = append(more, s)
		return err
	}, `SELECT import_id, offset, record_id FROM sighting WHERE event_id = ? ORDER BY import_id, offset`, id)
	if err != nil {
		return nil, err
	}
	for _, s := range more {
		rec, err := r.record(s.Record)
		if err != nil {
			return nil, err
		}
		s.Raw, s.Reading = rec.Raw, rec.Reading
		out = append(out, s)
	}
	return out, nil
}

// first is the first sighting of an event, or nil when its import was deleted.
func (r *records) first(id int64) (*intake.Sighting, error) {
	if _, ok := r.fresh[id]; !ok {
		b, err := r.block(id)
		if err != nil || b == nil || b.importID == 0 {
			return nil, err
		}
	}
	s, err := r.record(id)
	return &s, err
}
