package db

import "escutcheon/detection/materialize"

// PutLack notes that an event is in no row of a rule that matches it.
func (l *ledger) PutLack(k materialize.Lack) error {
	_, err := l.exec(`INSERT INTO unattributed (rule_id, event_id, dest, missing) VALUES (?, ?, ?, ?)
		ON CONFLICT DO NOTHING`,
		k.RuleID, k.Event, k.Dest, k.Missing)
	return err
}

// DeleteLack deletes these notes of an event, of all rules where rule is "".
func (l *ledger) DeleteLack(rule string, event int64) (err error) {
	if rule == "" {
		_, err = l.exec(`DELETE FROM unattributed WHERE event_id = ?`, event)
	} else {
		_, err = l.exec(`DELETE FROM unattributed WHERE rule_id = ? AND event_id = ?`, rule, event)
	}
	return err
}
