package db

import (
	"database/sql"
	"slices"
	"strings"

	"escutcheon/detection"
	"escutcheon/event"
)

// noteChange keeps what a new event changes, where that is of note.
func (w *work) noteChange(id, host int64, e *event.Event) error {
	c, ok := detection.ChangeEventOf(e)
	if !ok || host == 0 {
		return nil
	}
	return w.putChange(id, host, e, c)
}

func (w *work) putChange(id, host int64, e *event.Event, c detection.ChangeEvent) error {
	at := sql.NullInt64{Int64: e.Nanos, Valid: e.HasTime}
	_, err := w.exec(`INSERT OR REPLACE INTO change_event (event_id, host_id, nanos, kind, module, image, scope, account, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, id, host, at, int64(c.Kind), c.Module, c.Image, c.Scope, c.By, c.Hash)
	return err
}

// renoteChange is noteChange for an event that is seen differently.
func (w *work) renoteChange(id, host int64, before, after *event.Event) error {
	if _, was := detection.ChangeEventOf(before); was {
		if _, err := w.exec(`DELETE FROM change_event WHERE event_id = ?`, id); err != nil {
			return err
		}
	}
	return w.noteChange(id, host, after)
}

// forgetChanges forgets what events changed, which are sorted and gone.
func (w *work) forgetChanges(events []int64) error {
	noted, err := w.column(`SELECT event_id FROM change_event WHERE event_id >= ? AND event_id <= ?`, events[0],
		events[len(events)-1])
	for _, id := range noted {
		if _, gone := slices.BinarySearch(events, id); gone && err == nil {
			_, err = w.exec(`DELETE FROM change_event WHERE event_id = ?`, id)
		}
	}
	return err
}

// catchUpChanges looks at the next stored events of a database that an older
// version filled, and says whether there are more.
func (w *work) catchUpChanges(most int) (more bool, err error) {
	var at, end int64
	if err := w.get(`SELECT a.last, z.last FROM sequence a, sequence z
		WHERE a.name = 'changes' AND z.name = 'changes end'`, nil, &at, &end); err != nil || at >= end {
		return false, err
	}
	type found struct {
		id     int64
		e      event.Event
		change detection.ChangeEvent
	}
	var all []found
	rules, err := detection.ChangeRules()
	if err != nil {
		return false, err
	}
	to, err := w.events.Search(rules, at, most,
		func(id int64, e *event.Event) func() {
			c, ok := detection.ChangeEventOf(e)
			if !ok {
				return nil
			}
			f := found{id: id,
				e: event.Event{Nanos: e.Nanos, HasTime: e.HasTime, Computer: strings.Clone(e.Computer)},
				change: detection.ChangeEvent{Kind: c.Kind, Module: strings.Clone(c.Module), Image: strings.Clone(c.Image),
					Hash: strings.Clone(c.Hash), Scope: strings.Clone(c.Scope), By: strings.Clone(c.By)}}
			return func() { all = append(all, f) }
		})
	if err != nil {
		return false, err
	}
	slices.SortFunc(all, func(a, b found) int { return int(min(max(a.id-b.id, -1), 1)) })
	for i := range all {
		h, err := w.hostOf(all[i].e.Computer)
		if err != nil {
			return false, err
		}
		if h.id != 0 {
			if err := w.putChange(all[i].id, h.id, &all[i].e, all[i].change); err != nil {
				return false, err
			}
		}
	}
	_, err = w.exec(`UPDATE sequence SET last = ? WHERE name = 'changes'`, min(to, end))
	return to < end, err
}
