package db

import "escutcheon/detection/materialize"

// PutLack notes that an event is in no row of a rule that matches it.
func (l *ledger) PutLack(k materialize.Lack) error {
	l.lacks = append(l.lacks, k)
	return l.room()
}

// DeleteLack deletes these notes of an event, of all rules where rule is "".
func (l *ledger) DeleteLack(rule string, event int64) (err error) {
	if err := l.flushLacks(); err != nil { // it may be among them
		return err
	}
	if rule == "" {
		_, err = l.exec(`DELETE FROM unattributed WHERE event_id = ?`, event)
	} else {
		_, err = l.exec(`DELETE FROM unattributed WHERE rule_id = ? AND event_id = ?`, rule, event)
	}
	return err
}

// flushLacks writes the notes that were added. Of several of one event and rule
// the first stays.
func (l *ledger) flushLacks() error {
	err := l.execMany(`INSERT OR IGNORE INTO unattributed (rule_id, event_id, dest, missing) VALUES `, `(?, ?, ?, ?)`, ``,
		len(l.lacks), func(args []any, i int) []any {
			k := &l.lacks[i]
			return append(args, k.RuleID, k.Event, k.Dest, k.Missing)
		})
	l.lacks = l.lacks[:0]
	return err
}
