package db

import (
	"slices"

	"escutcheon/event"
	"escutcheon/eventstore/block"
)

// expire takes the events of a block that are too old, and on which nothing rests, out of
// it, and says how many went, and how many stay that are too old. Their bytes go with
// them: the block is written anew without them, or goes as a whole.
func (w *work) expire(a *ageing, b blockInfo) (went, kept int64, err error) {
	c, err := w.columnsOf(&b)
	if err != nil {
		return 0, 0, err
	}
	gone, kept, err := a.split(&b, c)
	if err != nil || len(gone) == 0 {
		return 0, kept, err
	}
	last := b.first + b.count - 1
	more, err := againAmong(w.ctx, w.tx, b.first, last)
	if err != nil {
		return 0, 0, err
	}
	others, err := w.variantBlocks(&b, gone, more)
	if err != nil {
		return 0, 0, err
	}
	if len(gone) < live(c) {
		if _, err := w.events.block(b.first); err != nil { // what is damaged stays as it is
			return 0, 0, err
		}
	}
	if err := w.vanishFrom(&b, gone); err != nil {
		return 0, 0, err
	}
	if err := w.forgetPlaces(&b, gone, more); err != nil {
		return 0, 0, err
	}
	for _, first := range append(others, b.first) {
		if err := w.shrink(first); err != nil {
			return 0, 0, err
		}
	}
	return int64(len(gone)), kept, nil
}

func live(c *block.Columns) (n int) {
	for _, id := range c.Event {
		if id != 0 {
			n++
		}
	}
	return n
}

// variantBlocks are the other blocks with records by which events were seen, that can be
// read.
func (w *work) variantBlocks(b *blockInfo, events []int64, more map[int64][]again) (firsts []int64, err error) {
	for _, id := range events {
		for _, s := range more[id] {
			o, err := w.holding(s.record)
			if err != nil {
				return nil, err
			}
			if o == nil || o.first == b.first || slices.Contains(firsts, o.first) {
				continue
			}
			if _, err := w.columnsOf(o); err != nil {
				return nil, err
			}
			if _, err := w.events.block(o.first); err != nil {
				return nil, err
			}
			firsts = append(firsts, o.first)
		}
	}
	return firsts, nil
}

// forgetPlaces forgets where events that are gone were seen again.
func (w *work) forgetPlaces(b *blockInfo, gone []int64, more map[int64][]again) error {
	imports := map[int64]bool{}
	for _, id := range gone {
		for _, s := range more[id] {
			imports[s.imported] = true
			o, err := w.holding(s.record)
			if err != nil {
				return err
			}
			if s.record == id || o == nil {
				continue
			}
			c, err := w.change(o)
			if err != nil {
				return err
			}
			c.Event[s.record-o.first] = 0
		}
	}
	for imported := range imports {
		if err := w.deleteAgain(imported, b.first, b.first+b.count-1, gone); err != nil {
			return err
		}
	}
	return nil
}

// shrink takes the records that nobody needs out of a block, or drops it.
func (w *work) shrink(first int64) error {
	b, err := w.info(first)
	if err != nil || b == nil {
		return err
	}
	c, err := w.columnsOf(b)
	if err != nil {
		return err
	}
	if live(c) == 0 {
		return w.dropBlock(first)
	}
	if b.imported == 0 {
		return w.stripBlock(b)
	}
	o, err := w.events.block(first)
	if err != nil {
		return err
	}
	p := block.Pack(o.Len(), func(i int) (int64, string) {
		if c.Event[i] == 0 {
			return 0, ""
		}
		return o.Record(i)
	})
	if c, err = w.change(b); err != nil {
		return err
	}
	for i, id := range c.Event {
		if id == 0 { // so that the columns take no space for it
			c.Second[i], c.Nanos[i], c.Host[i], c.Channel[i], c.Provider[i] = event.NoSecond, 0, 0, 0, 0
			c.Code[i], c.Record[i] = event.None, event.None
		}
	}
	return w.putPacked(b, c, p)
}
