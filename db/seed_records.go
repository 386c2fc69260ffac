package db

import (
	"errors"
	"slices"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockstore"
	"escutcheon/intake"
)

// seedOf finds those of a block's records (nil: as they are stored) that are in rows of the
// seed's search. Without whole some cannot be read.
type seedOf func(o *block.Originals) (list []blockstore.SeedRecord, whole bool, err error)

// seedCode is the code of the events that the seed asks for.
const seedCode = 29

// seedIn decodes those records of a block that are events of their own and may be in a
// row. An importer keeps no fields of them.
func (w *work) seedIn(b *blockInfo, c *block.Columns) seedOf {
	return func(o *block.Originals) (list []blockstore.SeedRecord, whole bool, err error) {
		var odd bool
		if err := w.get(`SELECT EXISTS (SELECT 1 FROM odd_block WHERE first = ?)`, []any{b.first}, &odd); err != nil {
			return nil, false, err
		}
		for i, id := range c.Event {
			if id == b.first+int64(i) && (odd || c.Code[i] == seedCode) {
				list = append(list, blockstore.SeedRecord{Pos: i})
			}
		}
		if len(list) == 0 {
			return nil, true, nil
		}
		if o == nil {
			o, err = w.contents().originals(w.ctx, w.tx, b.first, int(b.count))
		}
		if errors.Is(err, block.ErrDamaged) || w.events == nil || w.events.dec == nil {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		reading, err := w.events.readingOf(b.reading)
		if err != nil {
			return nil, false, err
		}
		errs := make([]error, len(list))
		everywhere(len(list), func(k int) { errs[k] = decodeSeed(&list[k], w.events.dec, reading, o, b.first) })
		if slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
			return nil, false, nil // who asks for the event is told
		}
		inNone := func(r blockstore.SeedRecord) bool { return r.Row == blockstore.SeedRow{} }
		return slices.DeleteFunc(list, inNone), true, nil
	}
}

// decodeSeed fills in what a record says; its row stays empty where it is in none.
func decodeSeed(r *blockstore.SeedRecord, dec intake.Decoder, as intake.Reading, o *block.Originals,
	first int64) error {
	e, err := ownEvent(dec, as, o, first, r.Pos)
	if err != nil || e == nil {
		return err
	}
	row, _ := detection.SeedRowOf(e)
	r.Row = blockstore.SeedRow(row)
	r.Second = e.Second()
	return nil
}

// ownEvent is what one record says; nil where it is gone.
func ownEvent(dec intake.Decoder, as intake.Reading, o *block.Originals, first int64, i int) (*event.Event, error) {
	offset, raw := o.Record(i)
	if raw == "" {
		return nil, nil
	}
	e, err := dec.Merge([]intake.Sighting{{Offset: offset, Record: first + int64(i), Raw: raw, Reading: as}})
	return &e, err
}
