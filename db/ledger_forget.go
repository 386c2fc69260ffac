package db

// Forget deletes some of whatever a rule has: see materialize.Findings. Of a
// finding its events go first, many or few of them, then all that is left of it.
func (l *ledger) Forget(rule string, most int) (rows int, err error) {
	if err := l.Flush(); err != nil {
		return 0, err
	}
	clear(l.held)
	for rows < most {
		ids, err := l.column(`SELECT id FROM finding WHERE rule_id = ? LIMIT ?`, rule, together)
		if err != nil {
			return rows, err
		}
		if len(ids) == 0 {
			break
		}
		for _, id := range ids {
			n, err := l.forgetFinding(id, most-rows)
			if rows += n; err != nil || rows >= most {
				return rows, err
			}
		}
	}
	if rows > 0 {
		return rows, nil
	}
	return l.deleteUpTo(`unattributed`, `rule_id`, `event_id`, rule, most)
}

// forgetFinding deletes a finding, or so many of its events.
func (l *ledger) forgetFinding(id int64, most int) (rows int, err error) {
	n, err := l.deleteUpTo(`finding_event`, `finding_id`, `start, event_id`, id, most)
	if err != nil || n >= most {
		return n, err
	}
	for _, q := range []string{`DELETE FROM risk_event WHERE finding_id = ?`,
		`DELETE FROM threat_object WHERE finding_id = ?`,
		`DELETE FROM finding_window WHERE finding_id = ?`, `DELETE FROM finding WHERE id = ?`} {
		res, err := l.exec(q, id)
		if err != nil {
			return n, err
		}
		some, err := res.RowsAffected()
		if n += int(some); err != nil {
			return n, err
		}
	}
	return n, nil
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
