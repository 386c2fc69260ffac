package db

import (
	"math"
	"slices"

	"escutcheon/eventstore/block"
	"escutcheon/intake"
)

// mostForgotten is about how many sightings one step of a deletion takes away.
const mostForgotten = 8192

// forget takes sightings of an import away, and settles what follows; what rests
// on events that nobody else saw goes with them. It does one step and says
// whether there is no more to do. Each step leaves findings as if what it took
// away had never been there; hosts that lost events may be stale until the end.
func (w *work) forget(imported int64) (done bool, err error) {
	left := mostForgotten
	for left > 0 {
		n, err := w.forgetBlock(imported)
		if err != nil {
			return false, err
		}
		if n == 0 {
			break
		}
		left -= n
	}
	for left > 0 {
		n, err := w.forgetAgain(imported)
		if err != nil {
			return false, err
		}
		if n == 0 {
			break
		}
		left -= n
	}
	if done = left > 0; done {
		done, err = w.strip()
	}
	if err == nil {
		err = w.cascade.Settle()
	}
	if err == nil {
		err = w.settleRows(0, false)
	}
	return done, err
}

// forgetBlock takes away the next block of an import with all of its sightings of
// the events in it, and says how many records that were; none, and there is no
// such block.
func (w *work) forgetBlock(imported int64) (int, error) {
	firsts, err := w.column(`SELECT first FROM block WHERE import_id = ? ORDER BY first LIMIT 1`, imported)
	if err != nil || len(firsts) == 0 {
		return 0, err
	}
	b, err := w.info(firsts[0])
	if err != nil {
		return 0, err
	}
	c, err := w.columnsOf(b)
	if err != nil {
		return 0, err
	}
	var events []int64
	for i, id := range c.Event {
		if id == b.first+int64(i) {
			events = append(events, id)
		}
	}
	n := int(b.count)
	if err := w.unsee(imported, b.first, b.first+b.count-1, events); err != nil {
		return 0, err
	}
	return n, w.bare(firsts[0])
}

// bare says that a block is no import's any more, and drops it when nobody needs
// a record of it.
func (w *work) bare(first int64) error {
	b, err := w.info(first)
	if err != nil {
		return err
	}
	c, err := w.columnsOf(b)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(c.Event, func(id int64) bool { return id != 0 }) {
		return w.dropBlock(first)
	}
	if err := w.own(b, 0); err != nil {
		return err
	}
	_, err = w.exec(noteBare, first)
	return err
}

// noteBare notes a block of which there may be something to strip.
const noteBare = `INSERT INTO bare (first) VALUES (?) ON CONFLICT DO NOTHING`

// forgetAgain takes away the next row of an import's further sightings, and says
// how many they were.
func (w *work) forgetAgain(imported int64) (int, error) {
	rows, err := w.againOf(imported, math.MinInt64, math.MaxInt64, 1)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	list := rows[0].list
	var events []int64
	for _, s := range list {
		if len(events) == 0 || events[len(events)-1] != s.event {
			events = append(events, s.event)
		}
	}
	if err := w.unsee(imported, events[0], events[len(events)-1], events); err != nil {
		return 0, err
	}
	return len(list), nil
}

// noteHolders notes the blocks without an import that held what was seen: nobody may
// need it any more.
func (w *work) noteHolders(list []again) error {
	seen := map[int64]bool{}
	for _, s := range list {
		for _, record := range []int64{s.event, s.record} {
			b, err := w.holding(record)
			if err != nil {
				return err
			}
			if b == nil || seen[b.first] || b.imported != 0 {
				continue
			}
			seen[b.first] = true
			if _, err := w.exec(noteBare, b.first); err != nil {
				return err
			}
		}
	}
	return nil
}

// unsee takes all of an import's sightings of some events, all within first …
// last, away.
func (w *work) unsee(imported, first, last int64, events []int64) error {
	more, err := againAmong(w.ctx, w.tx, first, last)
	if err != nil {
		return err
	}
	var stay, go_ []int64
	for _, id := range events {
		elsewhere, err := w.seenElsewhere(id, imported, more[id])
		if err != nil {
			return err
		}
		if elsewhere {
			stay = append(stay, id)
		} else {
			go_ = append(go_, id)
		}
	}
	if err := w.settleSeen(stay, againAmong, func(_ int64, before []intake.Sighting) ([]intake.Sighting, error) {
		return slices.DeleteFunc(slices.Clone(before), func(s intake.Sighting) bool { return s.Import == imported }), nil
	}); err != nil {
		return err
	}
	if err := w.vanish(go_); err != nil {
		return err
	}
	return w.deleteAgain(imported, first, last, events)
}

// seenElsewhere says whether an event has a sighting that is not an import's.
func (w *work) seenElsewhere(id, imported int64, more []again) (bool, error) {
	if slices.ContainsFunc(more, func(s again) bool { return s.imported != imported }) {
		return true, nil
	}
	b, err := w.holding(id)
	return b != nil && b.imported != 0 && b.imported != imported, err
}

// deleteAgain deletes an import's further sightings of some events, which are
// sorted and within first … last.
func (w *work) deleteAgain(imported, first, last int64, events []int64) error {
	rows, err := w.againOf(imported, first, last, math.MaxInt32)
	if err != nil {
		return err
	}
	for _, row := range rows {
		var gone, stay []again
		for _, s := range row.list {
			if _, ok := slices.BinarySearch(events, s.event); ok {
				gone = append(gone, s)
			} else {
				stay = append(stay, s)
			}
		}
		if len(gone) == 0 {
			continue
		}
		if err := w.storeAgain(againRow{row.id, stay}); err != nil {
			return err
		}
		if err := w.noteHolders(gone); err != nil {
			return err
		}
	}
	return nil
}

// vanish takes events that nobody saw any more out of their blocks and of all
// that rests on them. They need not be decoded for that.
func (w *work) vanish(events []int64) error {
	for len(events) > 0 {
		b, err := w.holding(events[0])
		if err != nil {
			return err
		}
		n, _ := slices.BinarySearch(events, b.first+b.count)
		if err := w.vanishFrom(b, events[:n]); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

func (w *work) vanishFrom(b *blockInfo, events []int64) error {
	c, err := w.change(b)
	if err != nil {
		return err
	}
	channels, odd, err := w.kindsOf(b)
	if err != nil {
		return err
	}
	unnumbered, whole := false, w.rules.AnyWhole()
	for _, id := range events {
		i := id - b.first
		h, err := w.hostByID(c.Host[i])
		if err != nil {
			return err
		}
		w.mem.hosts.moved(h, -1, c.Second[i] != noSecond)
		w.recount(b, h.id)
		if whole && c.Second[i] != noSecond {
			w.cascade.Left(c.Second[i], channels[c.Channel[i]], c.Code[i], odd)
		}
		c.Event[i], unnumbered = 0, unnumbered || c.Record[i] < 0
	}
	resting, err := w.column(`SELECT event_id FROM finding_event WHERE event_id >= ?1 AND event_id <= ?2
		UNION SELECT event_id FROM unattributed WHERE event_id >= ?1 AND event_id <= ?2 ORDER BY 1`,
		events[0], events[len(events)-1])
	if err != nil {
		return err
	}
	for _, id := range resting {
		if _, gone := slices.BinarySearch(events, id); gone {
			if err := w.noteKnown(id); err != nil {
				return err
			}
			if err := w.cascade.Vanished(id); err != nil {
				return err
			}
		}
	}
	if err := w.forgetChanges(events); err != nil || !unnumbered {
		return err
	}
	for _, id := range events {
		if _, err := w.exec(`DELETE FROM digest WHERE event_id = ?`, id); err != nil {
			return err
		}
	}
	return nil
}

// strip removes from blocks without an import the records that no sighting needs,
// blocks of which none is needed, and what lay in those that are gone. It does a few
// and says whether there are no more.
func (w *work) strip() (done bool, err error) {
	const few = 16
	firsts, err := w.column(`SELECT first FROM bare ORDER BY first LIMIT ?`, few)
	if err != nil {
		return false, err
	}
	for _, first := range firsts {
		b, err := w.info(first)
		if err != nil {
			return false, err
		}
		switch {
		case b == nil:
			err = dropParts(w.tx, first)
		case b.imported == 0:
			err = w.stripBlock(b)
		}
		if err != nil {
			return false, err
		}
		if _, err := w.exec(`DELETE FROM bare WHERE first = ?`, first); err != nil {
			return false, err
		}
	}
	return len(firsts) < few, nil
}

func (w *work) stripBlock(b *blockInfo) error {
	needed, err := w.needed(b)
	if err != nil {
		return err
	}
	c, err := w.columnsOf(b)
	if err != nil {
		return err
	}
	if len(needed) == 0 && c.Summarize(b.first).Live == 0 {
		return w.dropBlock(b.first)
	}
	o, err := w.events.block(b.first)
	if err != nil {
		return err
	}
	keep := func(i int) bool {
		_, raw := o.Record(i)
		return needed[b.first+int64(i)] || raw == ""
	}
	if all(o.Len(), keep) {
		return nil
	}
	p := block.Pack(o.Len(), func(i int) (int64, string) {
		if !keep(i) {
			return 0, ""
		}
		return o.Record(i)
	})
	if c, err = w.change(b); err != nil {
		return err
	}
	for i, id := range c.Event {
		if record := b.first + int64(i); id != record && !needed[record] {
			c.Event[i] = 0 // a variant that nobody needs
		}
	}
	return w.putPacked(b, c, p)
}

// putPacked stores a block's records as they are packed anew.
func (w *work) putPacked(b *blockInfo, c *block.Columns, p *block.Packed) error {
	w.events.forget(b.first)
	b.size = int64(p.Size)
	if _, err := w.exec(`UPDATE block SET size = ? WHERE first = ?`, b.size, b.first); err != nil {
		return err
	}
	return w.putParts(b, c, p, w.seedIn(b, c))
}

// needed are the records of a block without an import by which somebody saw an
// event.
func (w *work) needed(b *blockInfo) (map[int64]bool, error) {
	c, err := w.columnsOf(b)
	if err != nil {
		return nil, err
	}
	out := map[int64]bool{}
	lo, hi := int64(math.MaxInt64), int64(0)
	for _, id := range c.Event {
		if id != 0 {
			lo, hi = min(lo, id), max(hi, id)
		}
	}
	if hi == 0 {
		return out, nil
	}
	more, err := againAmong(w.ctx, w.tx, lo, hi)
	if err != nil {
		return nil, err
	}
	for _, list := range more {
		for _, s := range list {
			if s.record >= b.first && s.record < b.first+b.count {
				out[s.record] = true
			}
		}
	}
	return out, nil
}

func all(n int, is func(i int) bool) bool {
	for i := range n {
		if !is(i) {
			return false
		}
	}
	return true
}
