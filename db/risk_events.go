package db

import (
	"cmp"
	"context"
	"database/sql"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/fault"
	"escutcheon/store"
)

// Told are the findings of a rule that have risk, or the one with a key, and of
// which windows.
func (l *ledger) Told(r *detection.Rule, key string) (out []materialize.Place, err error) {
	where, arg := `f.rule_id = ?`, r.ID
	if key != "" {
		where, arg = `f.key = ?`, key
	}
	err = l.each(func(rows *sql.Rows) error {
		p := materialize.Place{RuleID: r.ID}
		err := rows.Scan(&p.Key, &p.Start)
		out = append(out, p)
		return err
	}, `SELECT DISTINCT f.key, e.start FROM finding f JOIN risk_event e ON e.finding_id = f.id WHERE `+where, arg)
	return out, err
}

// PutRisk adds what a run over a window makes of a finding.
func (l *ledger) PutRisk(r *detection.Rule, key string, start int64, events []detection.RiskEvent,
	threats []detection.Threat) error {
	id, err := l.must(key)
	if err != nil {
		return err
	}
	for _, e := range events {
		if _, err := l.exec(`INSERT INTO risk_event (finding_id, start, object_type, object, rule_id, score, message, count,
			second)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, id, start, e.ObjectType, e.RiskObject, r.ID, e.Score, e.Message, e.Count,
			e.Time); err != nil {
			return err
		}
	}
	for _, h := range threats {
		if _, err := l.exec(`INSERT INTO threat_object (finding_id, start, type, value) VALUES (?, ?, ?, ?)`, id, start,
			h.Type, h.Value); err != nil {
			return err
		}
	}
	return nil
}

// DeleteRisk deletes what a run over a window made of a finding, or (key "") of
// all findings of the rule.
func (l *ledger) DeleteRisk(r *detection.Rule, key string, start int64) error {
	if key == "" {
		return l.deleteRisk(` WHERE start = ? AND finding_id`+ofRule, start, r.ID)
	}
	id, err := l.find(key)
	if err != nil || id == 0 {
		return err
	}
	return l.deleteRisk(` WHERE start = ? AND finding_id = ?`, start, id)
}

// deleteRisk deletes risk events with their threat objects.
func (l *ledger) deleteRisk(where string, args ...any) error {
	return l.do(args, `DELETE FROM risk_event`+where, `DELETE FROM threat_object`+where)
}

// RiskEvents returns risk events by time, rule and finding.
func (d *DB) RiskEvents(ctx context.Context, f store.RiskFilter) (out []store.RiskEvent, err error) {
	defer fault.Wrap(&err, "risk events of %q", f.Object)
	err = d.rows(ctx, func(r *sql.Rows) error {
		var e store.RiskEvent
		var row string
		if err := r.Scan(&e.RiskObject, &e.ObjectType, &e.RuleID, &e.Score, &e.Message, &e.WindowStart, &e.Count, &e.Time,
			&e.FindingID, &row); err != nil {
			return err
		}
		e.Row = cells(row)
		out = append(out, e)
		return nil
	}, `SELECT r.object, r.object_type, r.rule_id, r.score, r.message, r.start, r.count, r.second, f.key, f.row
		FROM risk_event r JOIN finding f ON f.id = r.finding_id
		WHERE f.verdict = 0 AND r.object_type = ? AND r.object = ? AND (? = '' OR r.rule_id = ?) AND r.second > ?
			AND r.second <= ?
		ORDER BY r.second, r.rule_id, f.key`, cmp.Or(f.Type, "system"), f.Object, f.Rule, f.Rule, f.After, f.UpTo)
	return out, err
}
