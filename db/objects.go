package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/store"
)

// objectQuery yields one row an object. ?1 type, ?2 as-of or NULL, ?3 now, ?4
// the period in seconds, ?5 text in lower case or empty, ?6 exact name or empty.
const objectQuery = `
WITH live AS (
	SELECT r.object, r.second AS last, r.score, r.rule_id, r.finding_id FROM risk_event r JOIN finding f ON f.id = r.finding_id
	WHERE f.verdict = 0 AND r.object_type = ?1 AND (?5 = '' OR instr(r.object, ?5) > 0) AND (?6 = '' OR r.object = ?6)
), moment AS (
	SELECT object, max(last > ?3 - ?4 AND last <= ?3) AS recent, min(last) AS first, max(last) AS newest, count(DISTINCT finding_id) AS findings FROM live GROUP BY object
), scored AS (
	SELECT *, CASE WHEN ?2 IS NOT NULL THEN ?2 WHEN recent THEN ?3 ELSE newest END AS as_of FROM moment
), byrule AS (
	SELECT s.object, sum(l.score) AS score, max(l.score) AS top, count(l.score) AS n FROM scored s
	LEFT JOIN live l ON l.object = s.object AND l.last > s.as_of - ?4 AND l.last <= s.as_of GROUP BY s.object, l.rule_id
), total AS (
	SELECT object, ifnull(sum(CASE WHEN (SELECT value FROM setting WHERE name = 'cap') = '1' THEN top ELSE score END), 0) AS score,
		sum(n) AS n, sum(n > 0) AS rules FROM byrule GROUP BY object
)
SELECT row_number() OVER (ORDER BY s.object) AS id, s.object AS name, t.score AS score, t.n AS risk_events, t.rules AS rules, s.findings AS findings, s.as_of,
	CASE WHEN ?2 IS NOT NULL THEN 'asked' WHEN s.recent THEN 'now' ELSE 'newest' END AS kind, s.first, s.newest AS last
FROM scored s JOIN total t ON t.object = s.object`

func objectArgs(f store.ObjectFilter) []any {
	var asOf any
	if f.AsOf != nil {
		asOf = *f.AsOf
	}
	return []any{f.Type, asOf, f.Now, risk.Period, strings.ToLower(f.Text), f.Name}
}

// scanObject also says the object's place in the order of names, among those
// chosen.
func scanObject(row interface{ Scan(...any) error }) (o store.Object, place int64, err error) {
	err = row.Scan(&place, &o.Name, &o.Score, &o.RiskEvents, &o.Rules, &o.Findings, &o.AsOf, &o.AsOfKind, &o.First, &o.Last)
	return o, place, err
}

var objectSorts = map[string]string{"score": "score", "last": "last", "name": "name", "events": "risk_events"}

// Objects returns one page of risk objects. Sort is score (the default), last,
// name or events. Of equals, an import that brings a new name may shift where
// the next page begins.
func (d *DB) Objects(ctx context.Context, f store.ObjectFilter, p store.Page) (out []store.Object, c store.Cursors, err error) {
	defer fault.Wrap(&err, "risk objects")
	column, ok := objectSorts[p.Sort]
	if !ok {
		column = "score"
	}
	k := keyset{column: column, id: "id", table: "(" + objectQuery + ")", page: p}
	cond, kargs, order, err := k.clause()
	if err != nil {
		return nil, c, err
	}
	var marks []mark
	err = d.rows(ctx, func(r *sql.Rows) error {
		o, place, err := scanObject(r)
		out, marks = append(out, o), append(marks, mark{Value: map[string]any{"score": o.Score, "last": o.Last, "name": o.Name, "risk_events": o.RiskEvents}[column], ID: place})
		return err
	}, `SELECT * FROM (`+objectQuery+`) WHERE 1`+cond+order, append(objectArgs(f), kargs...)...)
	if err != nil {
		return nil, c, err
	}
	n := k.trim(len(out))
	out, marks = out[:n.end], marks[:n.end]
	if k.reversed() {
		slices.Reverse(out)
		slices.Reverse(marks)
	}
	return out, k.cursors(marks, n.more), nil
}

// SummarizeObjects counts the risk objects that a filter chooses.
func (d *DB) SummarizeObjects(ctx context.Context, f store.ObjectFilter) (s store.ObjectSummary, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT count(*), ifnull(sum(score > 0), 0), ifnull(max(score), 0) FROM (`+objectQuery+`)`, objectArgs(f)...).
		Scan(&s.Objects, &s.Risky, &s.Top)
	return s, err
}

// ObjectByName returns one risk object with its risk.
func (d *DB) ObjectByName(ctx context.Context, f store.ObjectFilter) (o store.Object, err error) {
	if f.Name != "" {
		o, _, err = scanObject(d.r.QueryRowContext(ctx, objectQuery, objectArgs(f)...))
	}
	if f.Name == "" || errors.Is(err, sql.ErrNoRows) {
		return o, fault.New(fault.NotFound, "No finding gave risk to a %s %q.", f.Type, f.Name)
	}
	return o, err
}

// ObjectsOf returns the risk objects of a finding.
func (d *DB) ObjectsOf(ctx context.Context, finding string) (out []store.ObjectName, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var o store.ObjectName
		err := r.Scan(&o.Type, &o.Name)
		out = append(out, o)
		return err
	}, `SELECT DISTINCT object_type, object FROM risk_event WHERE finding_id = (SELECT id FROM finding WHERE key = ? AND verdict = 0) ORDER BY object_type, object LIMIT 100`, finding)
	return out, err
}

// FindingsOfObject returns the findings that gave a risk object risk in (after,
// upTo], the newest first, 500 at most.
func (d *DB) FindingsOfObject(ctx context.Context, o store.ObjectName, after, upTo int64) ([]store.Finding, error) {
	return d.someFindings(ctx, `id IN (SELECT finding_id FROM risk_event WHERE object = ? AND object_type = ? AND second > ? AND second <= ?)`, o.Name, o.Type, after, upTo)
}

func (d *DB) someFindings(ctx context.Context, where string, args ...any) (out []store.Finding, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		f, err := scanFinding(r)
		out = append(out, f)
		return err
	}, `SELECT `+findingColumns+` FROM finding WHERE verdict = 0 AND `+where+` ORDER BY last DESC, id DESC LIMIT 500`, args...)
	return out, err
}

// ObjectsOfRule returns the systems that a rule gave risk to, those with the
// most runs first, 200 at most.
func (d *DB) ObjectsOfRule(ctx context.Context, rule string) (out []store.RiskedObject, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var o store.RiskedObject
		err := r.Scan(&o.Name, &o.Runs, &o.First, &o.Last)
		out = append(out, o)
		return err
	}, `SELECT r.object, count(DISTINCT r.start) AS runs, min(r.second), max(r.second) FROM finding f JOIN risk_event r ON r.finding_id = f.id
		WHERE f.rule_id = ? AND f.verdict = 0 AND r.object_type = 'system' GROUP BY r.object ORDER BY runs DESC, r.object LIMIT 200`, rule)
	return out, err
}

// RulesOf counts the findings of a dest by rule, suppressed ones too.
func (d *DB) RulesOf(ctx context.Context, dest string) (out []store.RuleCount, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var c store.RuleCount
		err := r.Scan(&c.Rule, &c.Findings, &c.Suppressed, &c.Last)
		out = append(out, c)
		return err
	}, `SELECT rule_id, count(*), sum(verdict = 1), max(last) FROM finding WHERE verdict <= 1 AND dest = ? GROUP BY rule_id ORDER BY rule_id`, dest)
	return out, err
}

// RulesWithFindings returns the ids of the rules that have any finding.
func (d *DB) RulesWithFindings(ctx context.Context) (out map[string]bool, err error) {
	out = map[string]bool{}
	err = d.rows(ctx, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		out[id] = true
		return err
	}, `SELECT id FROM rule WHERE EXISTS (SELECT 1 FROM finding WHERE rule_id = rule.id AND verdict <= 1)`)
	return out, err
}

// Threats returns the threat objects of findings that are not suppressed, those
// seen most first, 100 at most.
func (d *DB) Threats(ctx context.Context, f store.ThreatFilter) (out []store.Threat, err error) {
	cond, arg := `f.dest = ?`, f.Dest
	switch {
	case f.Finding != "":
		cond, arg = `f.key = ?`, f.Finding
	case f.User != "":
		cond, arg = `f.id IN (SELECT finding_id FROM risk_event WHERE object_type = 'user' AND object = ?)`, f.User
	}
	err = d.rows(ctx, func(r *sql.Rows) error {
		var t store.Threat
		err := r.Scan(&t.Type, &t.Value, &t.Here, &t.Findings, &t.Hosts)
		out = append(out, t)
		return err
	}, `SELECT h.type, h.value, h.n, count(DISTINCT f.id), count(DISTINCT f.dest) FROM (
			SELECT t.type, t.value, count(DISTINCT f.id) AS n FROM finding f JOIN threat_object t ON t.finding_id = f.id
			WHERE f.verdict = 0 AND `+cond+` GROUP BY t.type, t.value ORDER BY n DESC, t.type, t.value LIMIT 100
		) h JOIN threat_object t ON t.value = h.value AND t.type = h.type JOIN finding f ON f.id = t.finding_id AND f.verdict = 0
		GROUP BY h.type, h.value ORDER BY h.n DESC, h.type, h.value`, arg)
	return out, err
}

// FindingsOfThreat returns the findings that have a threat object, the newest
// first, 500 at most.
func (d *DB) FindingsOfThreat(ctx context.Context, t detection.Threat) ([]store.Finding, error) {
	return d.someFindings(ctx, `id IN (SELECT finding_id FROM threat_object WHERE value = ? AND type = ?)`, t.Value, t.Type)
}
