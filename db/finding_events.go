package db

import (
	"cmp"
	"database/sql"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
)

// memberRow is an event of a finding's window.
type memberRow struct{ finding, start, event int64 }

// Members are the events of a finding in a window.
func (l *ledger) Members(_ *detection.Rule, key string, start int64) ([]int64, error) {
	h, err := l.hold(key)
	if err == nil {
		err = l.flushMembers()
	}
	if err != nil || h.id == 0 {
		return nil, err
	}
	return l.column(`SELECT event_id FROM finding_event WHERE finding_id = ? AND start = ? ORDER BY event_id`, h.id, start)
}

// AddMembers adds events to a finding.
func (l *ledger) AddMembers(_ *detection.Rule, key string, members []materialize.Member) error {
	h, err := l.must(key)
	if err != nil {
		return err
	}
	for _, m := range members {
		l.came = append(l.came, memberRow{h.id, m.Start, m.Event})
		if err := l.join(key, m.Event); err != nil {
			return err
		}
	}
	return nil
}

// DeleteMember takes an event out of a finding.
func (l *ledger) DeleteMember(_ *detection.Rule, key string, m materialize.Member) error {
	if len(l.came) > 0 { // it may be among them
		if err := l.flushMembers(); err != nil {
			return err
		}
	}
	if err := l.room(); err != nil {
		return err
	}
	h, err := l.must(key)
	if err == nil {
		l.lost = append(l.lost, memberRow{h.id, m.Start, m.Event})
		l.leaves[m.Event] = true
	}
	return err
}

// flushMembers writes which events findings lose and get.
func (l *ledger) flushMembers() error {
	if len(l.lost)+len(l.came) == 0 {
		return nil
	}
	byKey := func(a, b memberRow) int {
		return cmp.Or(cmp.Compare(a.finding, b.finding), cmp.Compare(a.start, b.start), cmp.Compare(a.event, b.event))
	}
	slices.SortFunc(l.lost, byKey)
	slices.SortFunc(l.came, byKey)
	for _, m := range l.lost {
		if _, err := l.exec(`DELETE FROM finding_event WHERE finding_id = ? AND start = ? AND event_id = ?`, m.finding,
			m.start, m.event); err != nil {
			return err
		}
	}
	err := l.execMany(`INSERT OR IGNORE INTO finding_event (finding_id, start, event_id) VALUES `, `(?, ?, ?)`, ``,
		len(l.came), func(args []any, i int) []any {
			return append(args, l.came[i].finding, l.came[i].start, l.came[i].event)
		})
	l.lost, l.came = l.lost[:0], l.came[:0]
	clear(l.leaves)
	return err
}

// PoolMembers makes the events of a made row those of some groups.
func (l *ledger) PoolMembers(_ *detection.Rule, key string, groups []string) error {
	h, err := l.must(key)
	if err == nil {
		err = l.flushMembers()
	}
	if err != nil {
		return err
	}
	if _, err := l.exec(`DELETE FROM finding_event WHERE finding_id = ?`, h.id); err != nil {
		return err
	}
	for _, group := range groups {
		from, err := l.must(group)
		if err != nil {
			return err
		}
		if _, err := l.exec(`INSERT OR IGNORE INTO finding_event (finding_id, start, event_id)
			SELECT ?, start, event_id FROM finding_event WHERE finding_id = ?`, h.id, from.id); err != nil {
			return err
		}
	}
	return l.joinPooled(key, h.id)
}

// Places are the groups that an event is in. They will be asked for.
func (l *ledger) Places(event int64) (out []materialize.Place, err error) {
	if l.added+len(l.came)+len(l.gone) > 0 || l.leaves[event] {
		err = l.Flush()
	}
	if err == nil {
		err = l.room()
	}
	if err != nil {
		return nil, err
	}
	err = l.each(func(r *sql.Rows) error {
		var start int64
		h, err := scanHeld(r, &start)
		if err != nil {
			return err
		}
		if l.held[h.key] == nil {
			l.held[h.key] = h
		}
		out = append(out, materialize.Place{RuleID: h.rule, Key: h.key, Start: start})
		return nil
	}, `SELECT `+heldColumns+`, f.state, f.count, f.first, f.last, f.change, x.start
		FROM finding_event x JOIN finding f ON f.id = x.finding_id
		WHERE x.event_id = ? AND f.made = 0 ORDER BY f.key`, event)
	return out, err
}
