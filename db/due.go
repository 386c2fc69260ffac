package db

import (
	"database/sql"
	"time"

	"escutcheon/detection/materialize"
)

// dueShare: while imports run, rows that they left are made for a ninth of the
// time.
const dueShare = 8

// leaveDue says whether rows that imports left are yet to wait: one runs, and the
// last time was a moment ago.
func (d *DB) leaveDue(w *work) (leave bool, err error) {
	if !time.Now().Before(d.dueAt) {
		return false, nil
	}
	err = w.get(`SELECT EXISTS (SELECT 1 FROM import WHERE status = 'running' AND beat > ?)`,
		[]any{w.nanos - int64(lateFor*time.Second)}, &leave)
	return leave, err
}

// PutDue notes what is yet to be made.
func (l *ledger) PutDue(d materialize.Due) error {
	_, err := l.exec(`INSERT INTO due (rule_id, start) VALUES (?, ?) ON CONFLICT DO NOTHING`, d.RuleID, d.Start)
	return err
}

// Due is what is yet to be made of the first rule of which anything is.
func (l *ledger) Due(most int) (out []materialize.Due, err error) {
	err = l.each(func(r *sql.Rows) error {
		var d materialize.Due
		err := r.Scan(&d.RuleID, &d.Start)
		out = append(out, d)
		return err
	}, `SELECT rule_id, start FROM due WHERE rule_id = (SELECT min(rule_id) FROM due) ORDER BY start LIMIT ?`, most)
	return out, err
}

// DeleteDue notes that it is made.
func (l *ledger) DeleteDue(d materialize.Due) error {
	_, err := l.exec(`DELETE FROM due WHERE rule_id = ? AND start = ?`, d.RuleID, d.Start)
	return err
}
