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

func openLedger(t *testing.T) ledgerStore {
	path := filepath.Join(t.TempDir(), "x.db")
	return ledgerStore{open(t, path), raw(t, path)}
}

func TestLedger(t *testing.T) {
	materializetest.Run(t, func(t *testing.T) materializetest.Store {
		s := openLedger(t)
		t.Cleanup(func() { // which is not checked where rows are written
			var n int
			err := s.raw.QueryRowContext(ctx, `SELECT count(*) FROM pragma_foreign_key_check`).Scan(&n)
			if err != nil || n > 0 {
				t.Errorf("%d rows are of a finding that is not there: %v", n, err)
			}
		})
		return s
	})
}

// TestOldWindows: a database whose windows are all rows of their own, as older
// versions stored them, goes on with them.
func TestOldWindows(t *testing.T) {
	s := openLedger(t)
	w := materializetest.New(t, s, materializetest.Rule(t, "stats", materializetest.Searches["stats"], ""))
	const base = 1_764_000_000
	for _, host := range []string{"web01", "web02", "web03"} {
		w.Add(materializetest.Change(host, base, "add a"), materializetest.Change(host, base+1, "add b"))
	}
	_, err := s.raw.ExecContext(ctx, `INSERT INTO finding_window (finding_id, start, state, count, first, last, change)
		SELECT id, (first + 600) / 3600 * 3600 - 600, state, count, first, last, change FROM finding;
		UPDATE finding SET windows = x''`)
	if err != nil {
		t.Fatal(err)
	}
	for _, second := range []int64{base - 7200, base + 2, base + 3600, base + 7200} {
		w.Add(materializetest.Change("web01", second, "add c"))
	}
	w.Add(materializetest.Change("web02", base-1800, "add d"))
	w.Vanish(1, 4, 5, 6)
	w.Vanish(2, 8)
	if got, want := w.Dump(), w.Fresh().Dump(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
