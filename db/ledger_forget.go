package db

import "database/sql"

// Forget deletes some of whatever a rule has: see materialize.Findings. Of a
// finding its events go first, many or few of them, then all that is left of it.
func (l *ledger) Forget(rule string, most int) (rows int, err error) {
	if err := l.Flush(); err != nil {
		return 0, err
	}
	clear(l.held)
	for rows < most {
		ids, members, err := l.some(rule)
		if err != nil {
			return rows, err
		}
		if len(ids) == 0 {
			break
		}
		if members+len(ids) <= most-rows {
			if err := l.forgetFindings(ids); err != nil {
				return rows, err
			}
			rows += members + len(ids)
			continue
		}
		n, err := l.forgetFinding(ids[0], most-rows)
		if rows += n; err != nil {
			return rows, err
		}
	}
	if rows > 0 {
		return rows, nil
	}
	if err := l.do([]any{rule}, `DELETE FROM undecided WHERE rule_id = ?`,
		`DELETE FROM passed_block WHERE rule_id = ?`); err != nil {
		return 0, err
	}
	if rows, err := l.deleteUpTo(`unattributed`, `rule_id`, `event_id`, rule, most); rows > 0 || err != nil {
		return rows, err
	}
	if rows, err := l.deleteUpTo(`due`, `rule_id`, `start`, rule, most); rows > 0 || err != nil {
		return rows, err
	}
	return l.deleteUpTo(`window_due`, `rule_id`, `start`, rule, most)
}

// some are findings of a rule, and how many events they have together, about.
func (l *ledger) some(rule string) (ids []int64, members int, err error) {
	err = l.each(func(r *sql.Rows) error {
		var id int64
		var n int
		err := r.Scan(&id, &n)
		ids, members = append(ids, id), members+n
		return err
	}, `SELECT id, count FROM finding WHERE rule_id = ? LIMIT ?`, rule, together)
	return ids, members, err
}

// forgetFindings deletes findings with all that is of them.
func (l *ledger) forgetFindings(ids []int64) error {
	for _, head := range []string{`DELETE FROM finding_event WHERE finding_id`, `DELETE FROM risk_event WHERE finding_id`,
		`DELETE FROM threat_object WHERE finding_id`, `DELETE FROM finding_window WHERE finding_id`,
		`DELETE FROM finding WHERE id`} {
		if err := l.among(head, ids); err != nil {
			return err
		}
	}
	return nil
}

// forgetFinding deletes so many of a finding's events, and when that are all the
// finding.
func (l *ledger) forgetFinding(id int64, most int) (rows int, err error) {
	n, err := l.deleteUpTo(`finding_event`, `finding_id`, `start, event_id`, id, most)
	if err != nil || n >= most {
		return n, err
	}
	return n + 1, l.forgetFindings([]int64{id})
}

// deleteUpTo deletes so many of the rows of a table that are of one thing, in the
// order of the rest of its key.
func (l *ledger) deleteUpTo(table, of, key string, id any, most int) (rows int, err error) {
	res, err := l.exec(`DELETE FROM `+table+` WHERE `+of+` = ?1 AND (`+key+`) IN (SELECT `+key+` FROM `+table+` WHERE `+
		of+` = ?1 ORDER BY `+key+` LIMIT ?2)`, id, most)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}
