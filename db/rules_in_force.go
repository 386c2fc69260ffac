package db

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/detection/spl"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

// UseRules is AdoptRules and TidyRules.
func (d *DB) UseRules(ctx context.Context, rules *detection.Rules, dec intake.Decoder) error {
	if err := d.AdoptRules(ctx, rules, dec); err != nil {
		return err
	}
	return d.TidyRules(ctx)
}

// AdoptRules puts rules into force, and dec makes events of stored records from
// then on. It comes before the first batch. It is one short transaction: what the
// rules found before is as TidyRules leaves it. A rule that is new, or whose search
// has changed, is yet to be run over the stored events (CatchUp).
func (d *DB) AdoptRules(ctx context.Context, rules *detection.Rules, dec intake.Decoder) (err error) {
	defer fault.Wrap(&err, "apply the rules")
	var version int64
	err = d.writeLarge(ctx, func(t *tx) error {
		w, err := d.startWork(t, rules, dec)
		if err != nil {
			return err
		}
		w.cascade.AtOnce = d.atOnce
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
	d.seen.lately.forget()
	return nil
}

// ReadRules says what the rules are by which pages read what is stored, without
// putting them into force: nothing that rests on rules is written, and what would
// be is refused with intake.ErrStale.
func (d *DB) ReadRules(rules *detection.Rules, dec intake.Decoder) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rules, d.dec, d.ruleVersion = rules, dec, -1
}

const (
	tidyWait = 300 * time.Millisecond // whoever changes the rules, or starts, waits as long at most
	tidyStep = 200 * time.Millisecond // about what a step takes
	tidyRows = 4096                   // of the first one
)

// TidyRules makes the findings those of the rules in force, in steps: what a rule
// found that has gone, or whose search has changed, is forgotten, and what has
// another filter is filtered again. After a third of a second the rest is left to
// CatchUp.
func (d *DB) TidyRules(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "tidy up after a change of the rules")
	if err := d.tidyRules(ctx); err != nil {
		return err
	}
	return d.refresh(ctx, refreshAtOnce)
}

// refreshAtOnce is how long a change of the rules, or a start, waits until lists
// are fast again; KeepRiskFresh does the rest.
const refreshAtOnce = 200 * time.Millisecond

func (d *DB) tidyRules(ctx context.Context) error {
	began := time.Now()
	for rows := tidyRows; time.Since(began) < d.tidyWait; {
		more, at := false, time.Now()
		err := d.writeLarge(ctx, func(t *tx) error {
			w, err := d.newWork(t)
			if err == nil {
				at = time.Now()
				more, err = w.cascade.Tidy(rows)
			}
			return err
		})
		if errors.Is(err, intake.ErrStale) { // another process has changed them since, and goes on
			return nil
		}
		if err != nil || !more {
			return err
		}
		took := max(time.Since(at), time.Millisecond)
		rows = min(max(int(float64(rows)*float64(tidyStep)/float64(took)), rows/2, 64), 2*rows)
	}
	return nil
}

// RuleVersion counts the changes of the rules in the database.
func (d *DB) RuleVersion(ctx context.Context) (n int64, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT version FROM ruleset`).Scan(&n)
	return n, err
}

// CatchUp runs the rules that are behind over the next stored events, most of
// them at most, and says what is left. It is called again and again until no
// rule is behind; imports go on between two calls, and what they store
// meanwhile is run over too. Rows that imports left are made when none runs, or
// between their batches from time to time.
func (d *DB) CatchUp(ctx context.Context, most int) (left store.Behind, err error) {
	defer fault.Wrap(&err, "run rules over the stored events")
	err = d.writeLarge(ctx, func(t *tx) error {
		w, err := d.newWork(t)
		if err != nil {
			return err
		}
		more, err := w.catchUpChanges(most)
		if more { // a part of them is a step
			left.Rules = 1
		}
		if err != nil || more {
			return err
		}
		leave, err := d.leaveDue(w)
		if err != nil {
			return err
		}
		began := time.Now()
		w.cascade.Later = leave
		if err := w.cascade.CatchUp(most); err != nil {
			return err
		}
		if !leave {
			d.dueAt = time.Now().Add(dueShare * time.Since(began))
		}
		if err := settleRisk(w.tx, w.rules, w.now); err != nil {
			return err
		}
		return w.get(`SELECT count(*), max(ifnull(min(cursor), 0), 0), (SELECT last FROM sequence WHERE name = 'record')
			FROM rule WHERE cursor IS NOT NULL OR filtered <> '' OR ?
				AND (EXISTS (SELECT 1 FROM due WHERE due.rule_id = rule.id)
					OR EXISTS (SELECT 1 FROM undecided WHERE rule_id = rule.id AND why = 3))`, []any{!leave},
			&left.Rules, &left.Done, &left.Events)
	})
	if err == nil && left.Rules == 0 {
		d.forgive()
	}
	return left, err
}

// forgive has no rule be set aside any more.
func (d *DB) forgive() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rules.Forgive()
}

// Cursors are how far each rule was run. Each transaction asks for them, and they
// are as many as there are rules: they are remembered.
func (l *ledger) Cursors() ([]materialize.Cursor, error) {
	all, _, err := l.cursors()
	return slices.Clone(all), err
}

// Behind are those of rules that are not Ran.
func (l *ledger) Behind() (map[string]int64, error) {
	_, behind, err := l.cursors()
	return maps.Clone(behind), err
}

func (l *ledger) cursors() (all []materialize.Cursor, behind map[string]int64, err error) {
	if l.work != nil && l.work.mem.behind != nil {
		return l.work.mem.cursors, l.work.mem.behind, nil
	}
	if all, err = l.storedCursors(); err != nil {
		return nil, nil, err
	}
	behind = map[string]int64{}
	for _, c := range all {
		if c.At != materialize.Ran {
			behind[c.RuleID] = c.At
		}
	}
	if l.work != nil {
		l.work.mem.cursors, l.work.mem.behind = all, behind
	}
	return all, behind, nil
}

// forgetCursors notes that cursors change.
func (l *ledger) forgetCursors() error {
	if l.work == nil {
		return nil
	}
	l.work.mem.cursors, l.work.mem.behind = nil, nil
	return l.work.touch()
}

func (l *ledger) storedCursors() (out []materialize.Cursor, err error) {
	err = l.each(func(r *sql.Rows) error {
		var c materialize.Cursor
		var at sql.NullInt64
		err := r.Scan(&c.RuleID, &c.Name, &c.Digest, &c.Filter, &at, &c.Filtered)
		if c.At = at.Int64; !at.Valid {
			c.At = materialize.Ran
		}
		out = append(out, c)
		return err
	}, `SELECT id, name, digest, filter, cursor, filtered FROM rule ORDER BY id`)
	return out, err
}

// PutCursor stores how far a rule was run.
func (l *ledger) PutCursor(c materialize.Cursor) error {
	if err := l.forgetCursors(); err != nil {
		return err
	}
	var at any
	if c.At < materialize.Ran {
		at = c.At
	}
	_, err := l.exec(`INSERT INTO rule (id, name, digest, filter, cursor, filtered) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET name = excluded.name, digest = excluded.digest, filter = excluded.filter,
			cursor = excluded.cursor, filtered = excluded.filtered`,
		c.RuleID, c.Name, c.Digest, c.Filter, at, c.Filtered)
	return err
}

// DeleteCursor forgets that a rule was in force.
func (l *ledger) DeleteCursor(rule string) error {
	if err := l.forgetCursors(); err != nil {
		return err
	}
	_, err := l.exec(`DELETE FROM rule WHERE id = ?`, rule)
	return err
}

// TryRule says which findings a rule would show, by their keys, that differs from
// the stored one in its filter alone, and of which it cannot be said: within is
// the time that there is for it (materialize.Shown).
func (d *DB) TryRule(ctx context.Context, r *detection.Rule, within time.Duration) (shown map[string]spl.Doubt,
	err error) {
	defer fault.Wrap(&err, "try rule %s", r.ID)
	if r.Whole() {
		return nil, fault.New(fault.Invalid,
			"What this filter does is seen only when the rule has run over its windows anew: save it to see.")
	}
	var groups []spl.Group
	err = d.rows(ctx, func(rows *sql.Rows) error {
		var by string
		var state []byte
		if err := rows.Scan(&by, &state); err != nil {
			return err
		}
		st, err := r.Plan().Load(state)
		groups = append(groups, spl.Group{Key: cells(by), State: st})
		return err
	}, `SELECT by_key, state FROM finding WHERE rule_id = ?1 AND made = 0
		AND NOT EXISTS (SELECT 1 FROM rule WHERE id = ?1 AND cursor = -1)`, r.ID)
	if err != nil {
		return nil, err
	}
	timed, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return materialize.Shown(&spl.Work{Context: timed}, r, groups), ctx.Err()
}

// RuleStats counts what each rule found, by its id.
func (d *DB) RuleStats(ctx context.Context) (out map[string]store.RuleStats, err error) {
	out = map[string]store.RuleStats{}
	err = d.rows(ctx, func(r *sql.Rows) error {
		var id string
		var s store.RuleStats
		var cursor sql.NullInt64
		err := r.Scan(&id, &cursor, &s.Filtering, &s.Making, &s.Findings, &s.Suppressed, &s.Hosts, &s.Last, &s.RiskEvents,
			&s.Windows)
		s.Cursor, s.Behind = max(cursor.Int64, 0), cursor.Valid
		s.Leaving = cursor.Int64 == materialize.Leaving
		out[id] = s
		return err
	}, `SELECT r.id, r.cursor, r.filtered <> '', EXISTS (SELECT 1 FROM due WHERE due.rule_id = r.id),
			ifnull(f.n, 0), ifnull(f.hidden, 0), ifnull(f.hosts, 0),
			ifnull((SELECT last FROM finding WHERE rule_id = r.id AND verdict <= 1 ORDER BY last DESC LIMIT 1), 0),
			ifnull((SELECT n FROM risk_count WHERE rule_id = r.id), 0),
			(SELECT count(*) FROM window_due WHERE rule_id = r.id)
		FROM rule r LEFT JOIN (SELECT rule_id, sum(n) AS n, sum(suppressed) AS hidden, count(*) AS hosts
			FROM finding_count GROUP BY rule_id) f ON f.rule_id = r.id`)
	if err != nil {
		return out, err
	}
	return out, d.countUndecided(ctx, out)
}
