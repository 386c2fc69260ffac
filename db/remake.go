package db

import (
	"bytes"
	"math"

	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/intake"
)

// remade are the columns of a block whose own are damaged, made of its records; nil where
// they cannot be, or do not come to the summary that the block has of them.
func (w *work) remade(b *blockInfo) (*block.Columns, error) {
	if b.imported == 0 || w.events == nil || w.events.dec == nil { // of which records there are none any more is not known
		return nil, nil
	}
	o, err := w.events.block(b.first)
	if err != nil || o == nil {
		return nil, err
	}
	reading, err := w.events.readingOf(b.reading)
	if err != nil {
		return nil, err
	}
	c := &block.Columns{}
	c.Resize(int(b.count))
	for i := range c.Event {
		number := b.first + int64(i)
		offset, raw := o.Record(i)
		if raw == "" { // it went: see expire
			c.Second[i], c.Code[i], c.Record[i] = event.NoSecond, event.None, event.None
			continue
		}
		e, err := w.events.dec.Merge([]intake.Sighting{{Offset: offset, Record: number, Raw: raw, Reading: reading}})
		if err != nil {
			return nil, err
		}
		h, err := w.hostOf(e.Computer)
		if err != nil {
			return nil, err
		}
		r, err := w.rowOf(&e)
		if err != nil {
			return nil, err
		}
		c.Event[i], c.Host[i], c.Channel[i], c.Provider[i] = number, h.id, r.channel, r.provider
		c.Record[i], c.Code[i], c.Second[i], c.Nanos[i] = r.record, r.code, r.second, r.nanos
	}
	if err := w.variantsIn(b, c); err != nil {
		return nil, err
	}
	if made := c.Summarize(b.first); !bytes.Equal(made.Encode(), b.summary.Encode()) {
		return nil, nil
	}
	return c, nil
}

// variantsIn says which of a block's records are further sightings of other events.
func (w *work) variantsIn(b *blockInfo, c *block.Columns) error {
	rows, err := w.againOf(b.imported, math.MinInt64, math.MaxInt64, math.MaxInt32)
	for _, row := range rows {
		for _, s := range row.list {
			if i := s.record - b.first; i >= 0 && i < b.count {
				c.Event[i] = s.event
			}
		}
	}
	return err
}
