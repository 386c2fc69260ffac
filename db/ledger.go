package db

import (
	"database/sql"
	"errors"
	"fmt"
)

// ledger is materialize.Tx over the tables, each entity in a file of its own.
// Outside, findings are known by their keys; inside, rows name them by number.
type ledger struct {
	*tx
	ids map[string]int64 // of findings, by key
}

func newLedger(t *tx) *ledger { return &ledger{t, map[string]int64{}} }

// find is the number of a finding; 0 when there is none.
func (l *ledger) find(key string) (int64, error) {
	if id := l.ids[key]; id != 0 {
		return id, nil
	}
	var id int64
	err := l.get(`SELECT id FROM finding WHERE key = ?`, []any{key}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	l.ids[key] = id
	return id, err
}

// must is the number of a finding that is there.
func (l *ledger) must(key string) (int64, error) {
	id, err := l.find(key)
	if err == nil && id == 0 {
		err = fmt.Errorf("there is no finding %s", key)
	}
	return id, err
}

// ofRule are a rule's findings, in a statement that says which rows hang on them.
const ofRule = ` IN (SELECT id FROM finding WHERE rule_id = ?)`
