package db

import (
	"context"
	"database/sql"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/detection/spl"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

// UseRules puts rules into force: the findings become those of the rules given,
// and dec makes events of stored records from then on. It comes before the
// first batch. A rule that is new to the database, or whose search has changed,
// is yet to be run over the stored events (CatchUp).
func (d *DB) UseRules(ctx context.Context, rules *detection.Rules, dec intake.Decoder) (err error) {
	defer fault.Wrap(&err, "apply the rules")
	var version int64
	err = d.writeLarge(ctx, func(t *tx) error {
		w, err := d.startWork(t, rules, dec)
		if err != nil {
			return err
		}
		changed, err := w.cascade.Adopt()
		if err != nil {
			return err
		}
		if changed {
			if _, err := t.exec(`UPDATE ruleset SET version = version + 1`); err != nil {
				return err
			}
			if err := restale(t); err != nil { // what the rules say of tactics and changes
				return err
			}
		}
		return t.get(`SELECT version FROM ruleset`, nil, &version)
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.rules, d.dec, d.ruleVersion = rules, dec, version
	d.mu.Unlock()
	return d.RefreshRisk(ctx)
}

// RuleVersion counts the changes of the rules in the database.
func (d *DB) RuleVersion(ctx context.Context) (n int64, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT version FROM ruleset`).Scan(&n)
	return n, err
}

// CatchUp runs the rules that are behind over the next stored events, most of
// them at most, and says what is left. It is called again and again until no
// rule is behind; imports go on between two calls, and what they store
// meanwhile is run over too.
func (d *DB) CatchUp(ctx context.Context, most int) (left store.Behind, err error) {
	defer fault.Wrap(&err, "run rules over the stored events")
	err = d.writeLarge(ctx, func(t *tx) error {
		w, err := d.newWork(t)
		if err != nil {
			return err
		}
		if err := w.cascade.CatchUp(most); err != nil {
			return err
		}
		if err := settleRisk(w.tx, w.rules, w.now); err != nil {
			return err
		}
		return w.get(`SELECT count(*), ifnull(min(cursor), 0), (SELECT last FROM sequence WHERE name = 'record') FROM rule
			WHERE cursor IS NOT NULL`, nil,
			&left.Rules, &left.Done, &left.Events)
	})
	return left, err
}

// Cursors are how far each rule was run.
func (l *ledger) Cursors() (out []materialize.Cursor, err error) {
	err = l.each(func(r *sql.Rows) error {
		var c materialize.Cursor
		var at sql.NullInt64
		err := r.Scan(&c.RuleID, &c.Name, &c.Digest, &c.Filter, &at)
		if c.At = at.Int64; !at.Valid {
			c.At = materialize.Ran
		}
		out = append(out, c)
		return err
	}, `SELECT id, name, digest, filter, cursor FROM rule ORDER BY id`)
	return out, err
}

// PutCursor stores how far a rule was run.
func (l *ledger) PutCursor(c materialize.Cursor) error {
	var at any
	if c.At < materialize.Ran {
		at = c.At
	}
	_, err := l.exec(`INSERT INTO rule (id, name, digest, filter, cursor) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET name = excluded.name, digest = excluded.digest, filter = excluded.filter,
			cursor = excluded.cursor`,
		c.RuleID, c.Name, c.Digest, c.Filter, at)
	return err
}

// DeleteCursor forgets that a rule was in force.
func (l *ledger) DeleteCursor(rule string) error {
	_, err := l.exec(`DELETE FROM rule WHERE id = ?`, rule)
	return err
}

// TryRule says which findings a rule would show, by their keys, that differs from
// the stored one in its filter alone.
func (d *DB) TryRule(ctx context.Context, r *detection.Rule) (shown map[string]bool, err error) {
	defer fault.Wrap(&err, "try rule %s", r.ID)
	var groups []spl.Group
	err = d.rows(ctx, func(rows *sql.Rows) error {
		var by string
		var state []byte
		if err := rows.Scan(&by, &state); err != nil {
			return err
		}
		st, err := r.Plan.Load(state)
		groups = append(groups, spl.Group{Key: cells(by), State: st})
		return err
	}, `SELECT by_key, state FROM finding WHERE rule_id = ? AND made = 0`, r.ID)
	return materialize.Shown(r, groups), err
}

// RuleStats counts what each rule found, by its id.
func (d *DB) RuleStats(ctx context.Context) (out map[string]store.RuleStats, err error) {
	out = map[string]store.RuleStats{}
	err = d.rows(ctx, func(r *sql.Rows) error {
		var id string
		var s store.RuleStats
		var cursor sql.NullInt64
		err := r.Scan(&id, &cursor, &s.Findings, &s.Suppressed, &s.Hosts, &s.Last, &s.RiskEvents)
		s.Cursor, s.Behind = cursor.Int64, cursor.Valid
		out[id] = s
		return err
	}, `SELECT r.id, r.cursor, ifnull(f.n, 0), ifnull(f.hidden, 0), ifnull(f.hosts, 0),
			ifnull((SELECT last FROM finding WHERE rule_id = r.id AND verdict <= 1 ORDER BY last DESC LIMIT 1), 0),
			ifnull((SELECT n FROM risk_count WHERE rule_id = r.id), 0)
		FROM rule r LEFT JOIN (SELECT rule_id, sum(n) AS n, sum(suppressed) AS hidden, count(*) AS hosts
			FROM finding_count GROUP BY rule_id) f ON f.rule_id = r.id`)
	return out, err
}
