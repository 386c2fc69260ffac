package db

import (
	"context"
	"database/sql"
	"time"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/store"
)

// RuleFiles returns the files of the rules that were loaded, in the order in
// which they were.
func (d *DB) RuleFiles(ctx context.Context) (out []detection.SourceFile, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var f detection.SourceFile
		err := r.Scan(&f.Path, &f.Kind, &f.Content)
		out = append(out, f)
		return err
	}, `SELECT path, kind, content FROM rule_file ORDER BY loaded, path`)
	return out, err
}

// KeepRuleFiles adds files of rules, in the place of those with the same path.
func (d *DB) KeepRuleFiles(ctx context.Context, files []detection.SourceFile) (err error) {
	defer fault.Wrap(&err, "keep the files of rules")
	return d.write(ctx, func(tx *sql.Tx) error {
		st, err := tx.PrepareContext(ctx, `INSERT INTO rule_file (path, kind, content, loaded) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT DO UPDATE SET kind = ?2, content = ?3, loaded = ?4 WHERE kind <> ?2 OR content <> ?3`)
		if err != nil {
			return err
		}
		defer st.Close()
		now := d.now().UnixNano()
		for i, f := range files {
			if _, err := st.ExecContext(ctx, f.Path, f.Kind, f.Content, now+int64(i)); err != nil {
				return err
			}
		}
		return nil
	})
}

// DisabledRules are the ids of the rules that somebody switched off.
func (d *DB) DisabledRules(ctx context.Context) (out map[string]bool, err error) {
	out = map[string]bool{}
	err = d.rows(ctx, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		out[id] = true
		return err
	}, `SELECT id FROM rule_disabled`)
	return out, err
}

// EnableRule switches a rule on or off. What follows comes with UseRules.
func (d *DB) EnableRule(ctx context.Context, id string, on bool, author string) error {
	return d.write(ctx, func(tx *sql.Tx) error {
		if on {
			_, err := tx.ExecContext(ctx, `DELETE FROM rule_disabled WHERE id = ?`, id)
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO rule_disabled (id, author, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, id, author, d.now().UnixNano())
		return err
	})
}

// AddFilter gives a rule a new filter; those before stay in its history.
func (d *DB) AddFilter(ctx context.Context, f store.RuleFilter) error {
	return d.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO rule_filter (rule_id, expression, reason, author, created, expires) VALUES (?, ?, ?, ?, ?, ?)`,
			f.RuleID, f.Expression, f.Reason, f.Author, d.now().UnixNano(), nanos(f.Expires))
		return err
	})
}

// FiltersOf returns all filters that a rule had, the newest first.
func (d *DB) FiltersOf(ctx context.Context, rule string) ([]store.RuleFilter, error) {
	return d.filters(ctx, `rule_id = ? ORDER BY id DESC`, rule)
}

// CurrentFilters returns the newest filter of each rule that has not expired
// at a time and lets not everything through.
func (d *DB) CurrentFilters(ctx context.Context, now time.Time) ([]store.RuleFilter, error) {
	return d.filters(ctx, `id IN (SELECT max(id) FROM rule_filter GROUP BY rule_id) AND expression <> '' AND (expires IS NULL OR expires > ?) ORDER BY rule_id`, now.UnixNano())
}

func (d *DB) filters(ctx context.Context, where string, args ...any) (out []store.RuleFilter, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var f store.RuleFilter
		var created int64
		var expires sql.NullInt64
		err := r.Scan(&f.ID, &f.RuleID, &f.Expression, &f.Reason, &f.Author, &created, &expires)
		f.Created, f.Expires = fromNanos(created), fromNanos(expires.Int64)
		out = append(out, f)
		return err
	}, `SELECT id, rule_id, expression, reason, author, created, expires FROM rule_filter WHERE `+where, args...)
	return out, err
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
	}, `SELECT r.id, r.cursor, ifnull(f.n, 0), ifnull(f.hidden, 0), ifnull(f.hosts, 0), ifnull(f.last, 0), ifnull(e.n, 0) FROM rule r
		LEFT JOIN (SELECT rule_id, count(*) AS n, sum(verdict = 1) AS hidden, count(DISTINCT dest) AS hosts, max(last) AS last FROM finding WHERE verdict <= 1 GROUP BY rule_id) f ON f.rule_id = r.id
		LEFT JOIN (SELECT rule_id, count(*) AS n FROM risk_event GROUP BY rule_id) e ON e.rule_id = r.id`)
	return out, err
}
