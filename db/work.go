package db

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/event"
	"escutcheon/intake"
)

// work is a transaction on events. What follows for findings, windows and risk
// is the cascade's business; here their rows and those of hosts are kept.
type work struct {
	*tx
	rules   *detection.Rules // in force
	events  *decoded
	cascade *materialize.Cascade
	hosts   *hosts
	names   map[string]map[string]int64 // table, name → id
	changed map[int64][]intake.Sighting // what events that are seen differently were seen as
}

// newWork begins one. The rules in force must be those that the database knows.
func (d *DB) newWork(t *tx) (*work, error) {
	d.mu.Lock()
	rules, dec, version := d.rules, d.dec, d.ruleVersion
	d.mu.Unlock()
	var now int64
	if err := t.get(`SELECT version FROM ruleset`, nil, &now); err != nil {
		return nil, err
	}
	if now != version {
		return nil, intake.ErrStale
	}
	return startWork(t, rules, dec)
}

func startWork(t *tx, rules *detection.Rules, dec intake.Decoder) (*work, error) {
	w := &work{tx: t, rules: rules, events: &decoded{newRecords(t.ctx, t), dec}, changed: map[int64][]intake.Sighting{},
		names: map[string]map[string]int64{"channel": {}, "provider": {}}}
	w.hosts = newHosts(t, w.events)
	var err error
	w.cascade, err = materialize.New(newLedger(t), w.events, rules)
	return w, err
}

// settle brings all that rests on the changed events up to date; new events are
// those of an import, or (0) there are none.
func (w *work) settle(imported int64) error {
	if err := w.settleEvents(); err != nil {
		return err
	}
	return w.hosts.store(imported)
}

// settleEvents is settle without the hosts.
func (w *work) settleEvents() error {
	for _, id := range slices.Sorted(maps.Keys(w.changed)) {
		if err := w.settleEvent(id, w.changed[id]); err != nil {
			return fmt.Errorf("event %d: %w", id, err)
		}
	}
	clear(w.changed)
	return w.cascade.Settle()
}

// settleEvent compares what an event was with what it is.
func (w *work) settleEvent(id int64, seen []intake.Sighting) error {
	before, err := w.events.merge(seen)
	if err != nil {
		return err
	}
	after, err := w.events.Event(id)
	if err != nil {
		return err
	}
	if err := w.updateEvent(id, before, after); err != nil {
		return err
	}
	return w.cascade.Changed(id, before, after)
}

// decoded are the stored events, as the decoder that we were given makes them of
// their sightings.
type decoded struct {
	*records
	dec intake.Decoder
}

// Event is an event as its sightings say it now.
func (d *decoded) Event(id int64) (*event.Event, error) {
	seen, err := d.sightings(id)
	if err != nil {
		return nil, err
	}
	return d.merge(seen)
}

func (d *decoded) merge(seen []intake.Sighting) (*event.Event, error) {
	e, err := d.dec.Merge(seen)
	return &e, err
}

// After are the next events behind one.
func (d *decoded) After(id int64, limit int) (out []int64, err error) {
	err = each(d.ctx, d.q, func(r *sql.Rows) error {
		var n int64
		err := r.Scan(&n)
		out = append(out, n)
		return err
	}, `SELECT id FROM event WHERE id > ? ORDER BY id LIMIT ?`, id, limit)
	return out, err
}
