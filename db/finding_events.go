package db

import (
	"database/sql"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
)

// Members are the events of a finding in a window.
func (l *ledger) Members(_ *detection.Rule, key string, start int64) ([]int64, error) {
	id, err := l.find(key)
	if err != nil || id == 0 {
		return nil, err
	}
	return l.column(`SELECT event_id FROM finding_event WHERE finding_id = ? AND start = ? ORDER BY event_id`, id, start)
}

// AddMembers adds events to a finding.
func (l *ledger) AddMembers(_ *detection.Rule, key string, members []materialize.Member) error {
	id, err := l.must(key)
	for _, m := range members {
		if err != nil {
			return err
		}
		_, err = l.exec(`INSERT INTO finding_event (finding_id, start, event_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
			id, m.Start, m.Event)
	}
	return err
}

// DeleteMember takes an event out of a finding.
func (l *ledger) DeleteMember(_ *detection.Rule, key string, m materialize.Member) error {
	id, err := l.must(key)
	if err == nil {
		_, err = l.exec(`DELETE FROM finding_event WHERE finding_id = ? AND start = ? AND event_id = ?`, id, m.Start, m.Event)
	}
	return err
}

// PoolMembers makes the events of a made row those of some groups.
func (l *ledger) PoolMembers(_ *detection.Rule, key string, groups []string) error {
	id, err := l.must(key)
	if err != nil {
		return err
	}
	if _, err := l.exec(`DELETE FROM finding_event WHERE finding_id = ?`, id); err != nil {
		return err
	}
	for _, group := range groups {
		from, err := l.must(group)
		if err != nil {
			return err
		}
		if _, err := l.exec(`INSERT INTO finding_event (finding_id, start, event_id) SELECT ?, start, event_id
			FROM finding_event
			WHERE finding_id = ? ON CONFLICT DO NOTHING`, id, from); err != nil {
			return err
		}
	}
	return nil
}

// Places are the groups that an event is in.
func (l *ledger) Places(event int64) (out []materialize.Place, err error) {
	err = l.each(func(r *sql.Rows) error {
		var p materialize.Place
		var id int64
		err := r.Scan(&id, &p.RuleID, &p.Key, &p.Start)
		l.ids[p.Key] = id
		out = append(out, p)
		return err
	}, `SELECT f.id, f.rule_id, f.key, x.start FROM finding_event x JOIN finding f ON f.id = x.finding_id
		WHERE x.event_id = ? AND f.made = 0 ORDER BY f.key`, event)
	return out, err
}
