package db

import (
	"context"

	"escutcheon/fault"
	"escutcheon/intake"
)

// Sightings returns all places where an event stands, with its bytes there. The
// first is where it was seen first.
func (d *DB) Sightings(ctx context.Context, id int64) (out []intake.Sighting, err error) {
	defer fault.Wrap(&err, "sightings of event %d", id)
	if _, err := d.EventByID(ctx, id); err != nil {
		return nil, err
	}
	return newRecords(ctx, d.r).sightings(id)
}

// addSighting adds a sighting of an event that is not its first.
func (t *tx) addSighting(event int64, s intake.Sighting) error {
	_, err := t.exec(`INSERT INTO sighting (event_id, import_id, offset, record_id) VALUES (?, ?, ?, ?)
		ON CONFLICT DO NOTHING`,
		event, s.Import, s.Offset, s.Record)
	return err
}

// seenElsewhere says whether an event has a sighting that is not an import's.
func (w *work) seenElsewhere(event, id int64) (bool, error) {
	others, err := w.column(`SELECT 1 FROM sighting WHERE event_id = ? AND import_id <> ? LIMIT 1`, event, id)
	if err != nil || len(others) > 0 {
		return len(others) > 0, err
	}
	b, err := w.events.block(event)
	return b != nil && b.importID != 0 && b.importID != id, err
}

// unsee takes an import's sightings of events away, those of the block that
// starts at first (0: of none) among them, and settles what follows but for the
// hosts.
func (w *work) unsee(id, first int64, events []int64) error {
	for _, e := range events {
		elsewhere, err := w.seenElsewhere(e, id)
		if err != nil {
			return err
		}
		if elsewhere {
			w.changed[e], err = w.events.sightings(e)
		} else if err = w.deleteEvent(e); err == nil {
			err = w.cascade.Vanished(e)
		}
		if err != nil {
			return err
		}
	}
	for _, e := range events {
		if _, err := w.exec(`DELETE FROM sighting WHERE event_id = ? AND import_id = ?`, e, id); err != nil {
			return err
		}
	}
	if first > 0 {
		if _, err := w.exec(`UPDATE block SET import_id = 0 WHERE first_event = ?`, first); err != nil {
			return err
		}
		w.events.disown(first)
	}
	return w.settleEvents()
}
