package db

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"modernc.org/sqlite"

	"escutcheon/detection/risk"
)

// objects chooses risk objects, and the moment their scores hold for.
type objects struct {
	kind string // "system", "user"
	rule string // whose risk events count; "" all
	text string // occurs in the name, in lower case; "" any
	name string // exactly this one; "" any
	asOf *int64 // second; nil: each object's own
	now  int64  // second
}

// scored is what the risk events of one risk object come to.
type scored struct {
	object      string
	first, last int64 // second of its first and newest risk event
	findings    int64 // that ever gave it risk
	asOf        int64
	asOfKind    risk.AsOfKind
	// In the period up to asOf:
	score  int64
	events int64 // risk events
	rules  int64 // that these are of
}

func init() {
	sqlite.MustRegisterDeterministicScalarFunction("risk_as_of", 4, riskAsOf)
}

// riskAsOf is the scorer's as-of for SQL: of the moment asked for, now, and the
// object's newest risk events up to now and of all.
func riskAsOf(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	second := func(v driver.Value) *int64 {
		if n, ok := v.(int64); ok {
			return &n
		}
		return nil
	}
	at, _ := risk.AsOf(second(args[0]), *second(args[1]), second(args[2]), second(args[3]))
	return at, nil
}

// talliesQuery yields a row for each risk object and rule: sum, greatest score
// and count of its risk events in the object's period. Where there are none the
// rule is NULL. What a score makes of them, and which moment the period ends
// at, is the scorer's to say.
func talliesQuery(o objects) string {
	one := ""
	if o.name != "" { // not "or" it: the index is to be used
		one = ` AND r.object = :name`
	}
	return `WITH seen AS (
	SELECT r.object, min(r.second) AS first, max(r.second) AS last,
		max(r.second) FILTER (WHERE r.second <= :now) AS past, count(DISTINCT r.finding_id) AS findings
	FROM risk_event r INDEXED BY risk_event_object JOIN finding f ON f.id = r.finding_id
	WHERE f.verdict = 0 AND r.object_type = :kind AND (:rule = '' OR f.rule_id = :rule)
		AND (:text = '' OR instr(r.object, :text) > 0)` + one + `
	GROUP BY r.object
), moment AS MATERIALIZED (
	SELECT *, risk_as_of(:asof, :now, past, last) AS as_of FROM seen
)
SELECT m.object, m.first, m.last, m.past, m.findings, f.rule_id,
	ifnull(sum(r.score), 0), ifnull(max(r.score), 0), count(f.id)
FROM moment m
LEFT JOIN risk_event r ON r.object = m.object AND r.object_type = :kind
	AND r.second > m.as_of - :period AND r.second <= m.as_of
LEFT JOIN finding f ON f.id = r.finding_id AND f.verdict = 0 AND (:rule = '' OR f.rule_id = :rule)
GROUP BY m.object, f.rule_id ORDER BY m.object`
}

// score scores risk objects, in the order of their names.
func score(ctx context.Context, q queryer, o objects) (out []scored, err error) {
	s, err := settings(ctx, q)
	if err != nil {
		return nil, err
	}
	err = each(ctx, q, func(r *sql.Rows) error {
		var one scored
		var past *int64
		var rule *string
		var t risk.Tally
		var n int64
		if err := r.Scan(&one.object, &one.first, &one.last, &past, &one.findings, &rule, &t.Sum, &t.Top, &n); err != nil {
			return err
		}
		if len(out) == 0 || out[len(out)-1].object != one.object {
			one.asOf, one.asOfKind = risk.AsOf(o.asOf, o.now, past, &one.last)
			out = append(out, one)
		}
		if rule != nil {
			at := &out[len(out)-1]
			at.score, at.events, at.rules = at.score+int64(s.Counts(t)), at.events+n, at.rules+1
		}
		return nil
	}, talliesQuery(o), sql.Named("kind", o.kind), sql.Named("rule", o.rule), sql.Named("text", o.text),
		sql.Named("name", o.name), sql.Named("asof", o.asOf), sql.Named("now", o.now), sql.Named("period", risk.Period))
	return out, err
}

// snapshot reads what several queries ask as of one moment.
func (d *DB) snapshot(ctx context.Context, read func(conn) error) error {
	tx, err := d.r.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return read(tx)
}
