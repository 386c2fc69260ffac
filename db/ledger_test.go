package db_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/detection/materialize/materializetest"
)

// ledgerStore is a database as the suite of materialize sees it.
type ledgerStore struct {
	d   *db.DB
	raw *sql.DB // reads what others see
}

func (s ledgerStore) Write(f func(materialize.Tx) error) error { return s.d.WriteLedger(ctx, f) }

func (s ledgerStore) Risk(_ *detection.Rule, key string, start int64) (out materializetest.Told, err error) {
	rows, err := s.raw.QueryContext(ctx, `SELECT object_type, object, score, message, count, second FROM risk_event
		WHERE finding_id = (SELECT id FROM finding WHERE key = ?) AND start = ? ORDER BY object_type, object`, key, start)
	if err != nil {
		return out, err
	}
	defer rows.Close()
	for rows.Next() {
		var e detection.RiskEvent
		if err := rows.Scan(&e.ObjectType, &e.RiskObject, &e.Score, &e.Message, &e.Count, &e.Time); err != nil {
			return out, err
		}
		out.Events = append(out.Events, e)
	}
	threats, err := s.raw.QueryContext(ctx, `SELECT type, value FROM threat_object
		WHERE finding_id = (SELECT id FROM finding WHERE key = ?) AND start = ? ORDER BY type, value`, key, start)
	if err != nil {
		return out, err
	}
	defer threats.Close()
	for threats.Next() {
		var h detection.Threat
		if err := threats.Scan(&h.Type, &h.Value); err != nil {
			return out, err
		}
		out.Threats = append(out.Threats, h)
	}
	return out, threats.Err()
}

func (s ledgerStore) Lacks() (out []materialize.Lack, err error) {
	rows, err := s.raw.QueryContext(ctx, `SELECT rule_id, event_id, dest, missing FROM unattributed ORDER BY rule_id,
		event_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var l materialize.Lack
		if err := rows.Scan(&l.RuleID, &l.Event, &l.Dest, &l.Missing); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

func TestLedger(t *testing.T) {
	materializetest.Run(t, func(t *testing.T) materializetest.Store {
		path := filepath.Join(t.TempDir(), "x.db")
		return ledgerStore{open(t, path), raw(t, path)}
	})
}
