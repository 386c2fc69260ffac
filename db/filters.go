package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"escutcheon/store"
)

// AddFilter gives a rule a new filter; those before stay in its history.
func (d *DB) AddFilter(ctx context.Context, f store.RuleFilter) error {
	return d.write(ctx, func(t *tx) error {
		now := d.now()
		var was, why string
		var expired sql.NullInt64
		if err := t.get(`SELECT expression, reason, expires FROM rule_filter WHERE id = (SELECT max(id) FROM rule_filter
			WHERE rule_id = ?)`, []any{f.RuleID}, &was, &why, &expired); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if expired.Valid && expired.Int64 <= now.UnixNano() {
			was = ""
		}
		action := "set"
		if f.Expression == "" {
			action = "removed"
		}
		if err := t.audit(auditRow{Person: f.Author, Action: action, Object: ruleObject(f.RuleID), Field: "filter", Old: was,
			New: f.Expression}); err != nil {
			return err
		}
		if err := t.auditFields(auditRow{Person: f.Author, Action: action, Object: ruleObject(f.RuleID)},
			fieldChange{"filter's reason", why, f.Reason},
			fieldChange{"filter's end", timeText(fromNanos(expired.Int64)), timeText(f.Expires)}); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO rule_filter (rule_id, expression, reason, author, created, expires)
			VALUES (?, ?, ?, ?, ?, ?)`,
			f.RuleID, f.Expression, f.Reason, f.Author, now.UnixNano(), nanos(f.Expires))
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
	return d.filters(ctx, `id IN (SELECT max(id) FROM rule_filter GROUP BY rule_id) AND expression <> ''
		AND (expires IS NULL OR expires > ?) ORDER BY rule_id`, now.UnixNano())
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

// ruleObject is a rule in the audit trail.
func ruleObject(id string) string { return "rule " + id }

// timeText is a time in the audit trail; "" for none.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func nanos(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}
