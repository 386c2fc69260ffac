package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
)

// CopyTo writes what a database file holds at this moment into another one, which
// must not be there, or be empty. Others may go on writing.
func CopyTo(ctx context.Context, path, to string) (err error) {
	defer fault.Wrap(&err, "copy %s", path)
	pool, err := openFile(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1)
	// SQLite takes it for a change; the file itself is open for reading only.
	if _, err := pool.ExecContext(ctx, `PRAGMA query_only = 0`); err != nil {
		return err
	}
	if _, err := pool.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		return err
	}
	return withoutMarks(ctx, to)
}

// withoutMarks takes the marks of servers (fileMark) out of a copy: it is not the file
// that they have open.
func withoutMarks(ctx context.Context, path string) (err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	pool, err := sql.Open("sqlite", dsn(abs, 1<<10))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	var has bool
	if err := one(ctx, pool, `SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'sequence'`, nil,
		&has); err != nil || !has {
		return err
	}
	if _, err = pool.ExecContext(ctx, `DELETE FROM sequence WHERE name GLOB ?`, markWords+"*"); err != nil {
		return err
	}
	if err := one(ctx, pool, `SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'event_store'`, nil, &has); err != nil ||
		!has {
		return err
	}
	_, err = pool.ExecContext(ctx, `UPDATE event_store SET owner = ''`)
	return err
}

// EventsOf is the address of the store where the events of a database file are kept; "":
// they are in the file.
func EventsOf(ctx context.Context, path string) (address string, err error) {
	defer fault.Wrap(&err, "where the events of %s are", path)
	pool, err := openFile(ctx, path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	address, _, err = eventsAt(ctx, pool)
	return address, err
}

// ForgetFindings takes away all that rules made of the events of a database, so that
// whoever opens it makes it anew.
func ForgetFindings(ctx context.Context, path string) (err error) {
	defer fault.Wrap(&err, "forget the findings of %s", path)
	d, err := Open(ctx, path, time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.writeLarge(ctx, func(t *tx) error {
		return t.do(nil, `DELETE FROM threat_object`, `DELETE FROM risk_event`, `DELETE FROM finding_window`,
			`DELETE FROM finding_event`, `DELETE FROM finding`, `DELETE FROM unattributed`, `DELETE FROM undecided`,
			`DELETE FROM passed_block`,
			`DELETE FROM due`, `DELETE FROM window_due`, `DELETE FROM rule`, `DELETE FROM change_event`,
			`UPDATE sequence SET last = 0 WHERE name = 'changes'`, `UPDATE sequence SET last = (SELECT last FROM sequence
				WHERE name = 'record') WHERE name = 'changes end'`)
	})
}

// made are what rules make of events: of each table, what a row tells, and by which
// finding it is named.
var made = []struct{ what, name, query string }{
	{"it is not what its events come to", `finding `, `SELECT f.key, f.rule_id, f.dest, f.by_key, f.row, f.sort, f.verdict,
		f.count, f.first, f.last, f.change FROM %[1]s.finding f WHERE true`},
	{"its events are not those that the rule finds", `finding `, `SELECT f.key, e.start, e.event_id, f.rule_id
		FROM %[1]s.finding_event e JOIN %[1]s.finding f ON f.id = e.finding_id WHERE true`},
	{"its risk events are not what its events come to", `finding `, `SELECT f.key, r.start, r.object_type, r.object,
		r.rule_id, r.score, r.message, r.count, r.second FROM %[1]s.risk_event r JOIN %[1]s.finding f
		ON f.id = r.finding_id WHERE true`},
	{"its threat objects are not what its events come to", `finding `, `SELECT f.key, o.start, o.type, o.value, f.rule_id
		FROM %[1]s.threat_object o JOIN %[1]s.finding f ON f.id = o.finding_id WHERE true`},
	{"its name is not the one in its file", `rule `, `SELECT f.rule_id, f.name
		FROM (SELECT id rule_id, name FROM %[1]s.rule) f WHERE true`},
	{"the rule's matching events that are in no finding are not those", `event `, `SELECT f.event_id, f.rule_id, f.dest,
		f.missing FROM %[1]s.unattributed f WHERE true`},
}

// CompareFindings compares what rules made in a database with what they make anew in
// another one of the same events, and calls damaged for each finding that differs. It
// returns the names of rules that are not compared: they are yet to run over some
// events, or are others by now.
func CompareFindings(ctx context.Context, was, anew string, damaged func(store.Damage)) (apart []string, err error) {
	defer fault.Wrap(&err, "compare findings")
	pool, err := openFile(ctx, was)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1) // that which the other file is attached to
	if _, err := pool.ExecContext(ctx, `ATTACH ? AS anew`, anew); err != nil {
		return nil, err
	}
	const same = `SELECT a.id FROM main.rule a JOIN anew.rule b ON a.id = b.id AND a.digest = b.digest
		AND a.filter = b.filter WHERE a.cursor IS NULL AND b.cursor IS NULL AND a.filtered = '' AND b.filtered = ''
		AND a.id NOT IN (SELECT rule_id FROM main.window_due UNION SELECT rule_id FROM main.due
			UNION SELECT rule_id FROM main.passed_block UNION SELECT rule_id FROM anew.passed_block
			UNION SELECT rule_id FROM main.undecided UNION SELECT rule_id FROM anew.undecided)`
	if err := each(ctx, pool, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		apart = append(apart, name)
		return err
	}, `SELECT name FROM main.rule WHERE id NOT IN (`+same+`) ORDER BY name`); err != nil {
		return nil, err
	}
	told := map[string]bool{}
	for _, m := range made {
		rows := func(of string) string {
			return fmt.Sprintf(m.query, of) + ` AND f.rule_id IN (` + same + `)`
		}
		first := strings.Fields(m.query)[1]
		first = strings.TrimSuffix(first[strings.IndexByte(first, '.')+1:], ",")
		if err := each(ctx, pool, func(r *sql.Rows) error {
			var key string
			if err := r.Scan(&key); err != nil || told[m.name+key] {
				return err
			}
			told[m.name+key] = true
			damaged(store.Damage{Object: m.name + key, What: m.what})
			return nil
		}, differ(first, rows("main"), rows("anew"))); err != nil {
			return nil, err
		}
	}
	if len(apart) > 0 {
		return apart, nil
	}
	return nil, compareSums(ctx, pool, damaged)
}
