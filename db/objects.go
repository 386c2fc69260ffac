package db

import (
	"context"
	"database/sql"
	"strings"

	"escutcheon/fault"
	"escutcheon/store"
)

// placedObject is a risk object and its place in the order of names, among
// those chosen, from 1.
type placedObject struct {
	store.Object
	place int64
}

// objects reads the risk objects that a filter chooses, by name.
func (d *DB) objects(ctx context.Context, f store.ObjectFilter) (out []placedObject, err error) {
	defer fault.Wrap(&err, "risk objects")
	err = d.snapshot(ctx, func(q conn) error {
		all, err := score(ctx, q, objects{kind: f.Type, text: strings.ToLower(f.Text), name: f.Name,
			asOf: f.AsOf, now: f.Now})
		for i, s := range all {
			out = append(out, placedObject{store.Object{Name: s.object, Score: s.score, RiskEvents: s.events, Rules: s.rules,
				Findings: s.findings, AsOf: s.asOf, AsOfKind: s.asOfKind, First: s.first, Last: s.last}, int64(i + 1)})
		}
		return err
	})
	return out, err
}

// objectSorts are the values that lists of risk objects are sorted by.
var objectSorts = map[string]func(placedObject) any{
	"score":  func(o placedObject) any { return o.Score },
	"last":   func(o placedObject) any { return o.Last },
	"name":   func(o placedObject) any { return o.Name },
	"events": func(o placedObject) any { return o.RiskEvents },
}

// Objects returns one page of risk objects. Sort is score (the default), last,
// name or events. Of equals, an import that brings a new name may shift where
// the next page begins.
func (d *DB) Objects(ctx context.Context, f store.ObjectFilter, p store.Page) ([]store.Object, store.Cursors, error) {
	value, ok := objectSorts[p.Sort]
	if !ok {
		value = objectSorts["score"]
	}
	all, err := d.objects(ctx, f)
	if err != nil {
		return nil, store.Cursors{}, err
	}
	shown, cursors, err := sorted(all, p, func(o placedObject) mark { return mark{Value: value(o), ID: o.place} })
	var out []store.Object
	for _, o := range shown {
		out = append(out, o.Object)
	}
	return out, cursors, err
}

// SummarizeObjects counts the risk objects that a filter chooses.
func (d *DB) SummarizeObjects(ctx context.Context, f store.ObjectFilter) (s store.ObjectSummary, err error) {
	all, err := d.objects(ctx, f)
	for _, o := range all {
		s.Objects++
		s.Top = max(s.Top, o.Score)
		if o.Score > 0 {
			s.Risky++
		}
	}
	return s, err
}

// ObjectByName returns one risk object with its risk.
func (d *DB) ObjectByName(ctx context.Context, f store.ObjectFilter) (store.Object, error) {
	var found []placedObject
	var err error
	if f.Name != "" { // which the query takes for any
		found, err = d.objects(ctx, f)
	}
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "No finding gave risk to a %s %q.", f.Type, f.Name)
	}
	if err != nil {
		return store.Object{}, err
	}
	return found[0].Object, nil
}

// ObjectsOf returns the risk objects of a finding.
func (d *DB) ObjectsOf(ctx context.Context, finding string) (out []store.ObjectName, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var o store.ObjectName
		err := r.Scan(&o.Type, &o.Name)
		out = append(out, o)
		return err
	}, `SELECT DISTINCT object_type, object FROM risk_event WHERE finding_id = (SELECT id FROM finding WHERE key = ?
		AND verdict = 0) ORDER BY object_type, object LIMIT 100`, finding)
	return out, err
}

// FindingsOfObject returns the findings that gave a risk object risk in (after,
// upTo], the newest first, 500 at most.
func (d *DB) FindingsOfObject(ctx context.Context, o store.ObjectName, after, upTo int64) ([]store.Finding, error) {
	return d.someFindings(ctx, `id IN (SELECT finding_id FROM risk_event WHERE object = ? AND object_type = ?
		AND second > ? AND second <= ?)`, o.Name, o.Type, after, upTo)
}

func (d *DB) someFindings(ctx context.Context, where string, args ...any) (out []store.Finding, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		f, err := scanFinding(r)
		out = append(out, f)
		return err
	}, `SELECT `+findingColumns+` FROM finding WHERE verdict = 0 AND `+where+` ORDER BY last DESC, id DESC LIMIT 500`,
		args...)
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
	}, `SELECT r.object, count(DISTINCT r.start) AS runs, min(r.second), max(r.second) FROM finding f
		JOIN risk_event r ON r.finding_id = f.id
		WHERE f.rule_id = ? AND f.verdict = 0 AND r.object_type = 'system' GROUP BY r.object ORDER BY runs DESC, r.object
			LIMIT 200`, rule)
	return out, err
}

// RulesOf counts the findings of a dest by rule, suppressed ones too.
func (d *DB) RulesOf(ctx context.Context, dest string) (out []store.RuleCount, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var c store.RuleCount
		err := r.Scan(&c.Rule, &c.Findings, &c.Suppressed, &c.Last)
		out = append(out, c)
		return err
	}, `SELECT rule_id, count(*), sum(verdict = 1), max(last) FROM finding WHERE verdict <= 1 AND dest = ?
		GROUP BY rule_id ORDER BY rule_id`, dest)
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
