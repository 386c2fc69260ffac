package db

import (
	"database/sql"
	"errors"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
)

// Window is one window of a group; nil when there is none.
func (l *ledger) Window(r *detection.Rule, key string, start int64) (*materialize.Part, error) {
	id, err := l.find(key)
	if err != nil || id == 0 {
		return nil, err
	}
	var p partRow
	err = l.get(`SELECT `+partColumns+` FROM finding_window WHERE finding_id = ? AND start = ?`, []any{id, start},
		p.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return p.load(r)
}

// Windows are all windows of a group, by their start.
func (l *ledger) Windows(r *detection.Rule, key string) (out []materialize.Window, err error) {
	id, err := l.find(key)
	if err != nil || id == 0 {
		return nil, err
	}
	err = l.each(func(rows *sql.Rows) error {
		var start int64
		var p partRow
		if err := rows.Scan(append([]any{&start}, p.columns()...)...); err != nil {
			return err
		}
		part, err := p.load(r)
		out = append(out, materialize.Window{Start: start, Part: part})
		return err
	}, `SELECT start, `+partColumns+` FROM finding_window WHERE finding_id = ? ORDER BY start`, id)
	return out, err
}

// Run are the groups that a rule's run over a window sees.
func (l *ledger) Run(r *detection.Rule, start int64) ([]*materialize.Finding, error) {
	return l.keptWhere(r, `SELECT `+keptColumns+`, w.state, w.count, w.first, w.last, w.change
		FROM finding f JOIN finding_window w ON w.finding_id = f.id WHERE f.rule_id = ? AND w.start = ? ORDER BY f.key`,
		r.ID, start)
}

// PutWindow stores a window of a group.
func (l *ledger) PutWindow(_ *detection.Rule, key string, w materialize.Window) error {
	id, err := l.must(key)
	if err != nil {
		return err
	}
	part, err := partValues(w.Part)
	if err != nil {
		return err
	}
	_, err = l.exec(`INSERT INTO finding_window (finding_id, start, state, count, first, last, change) VALUES (?, ?, ?,
		?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET state = excluded.state, count = excluded.count, first = excluded.first,
			last = excluded.last,
		change = excluded.change`, append([]any{id, w.Start}, part...)...)
	return err
}

// DeleteWindow deletes a window, and neither members nor risk.
func (l *ledger) DeleteWindow(_ *detection.Rule, key string, start int64) error {
	id, err := l.must(key)
	if err == nil {
		_, err = l.exec(`DELETE FROM finding_window WHERE finding_id = ? AND start = ?`, id, start)
	}
	return err
}
