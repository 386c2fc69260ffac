package db

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"
	"strings"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/store"
)

// mostOfRule is how many systems of a rule are listed.
const mostOfRule = 200

// ObjectsOfRule returns the systems that a rule gave risk to, those with the most
// runs first; of more than 200, those whose score is the greatest.
func (d *DB) ObjectsOfRule(ctx context.Context, rule string) (out []store.RiskedObject, err error) {
	defer fault.Wrap(&err, "systems of a rule")
	err = d.snapshot(ctx, func(q conn) error {
		var few, touched []string
		if err := each(ctx, q, func(r *sql.Rows) error {
			var name string
			var behind bool
			err := r.Scan(&name, &behind)
			if few = append(few, name); behind {
				touched = append(touched, name)
			}
			return err
		}, `SELECT object, EXISTS (SELECT 1 FROM risk_touched t WHERE t.object_type = 'system' AND t.object = o.object) FROM (
				SELECT object FROM (SELECT object FROM object_risk INDEXED BY object_risk_score WHERE object_type = 'system'
					AND rule_id = ?1 ORDER BY score DESC LIMIT ?2)
				UNION SELECT * FROM (SELECT DISTINCT object FROM risk_touched WHERE object_type = 'system' LIMIT ?2)) o`,
			rule, mostOfRule); err != nil {
			return err
		}
		hours, err := hoursOf(ctx, q, few, touched)
		for name, of := range hours {
			if r := runsOf(of, rule); r.Runs > 0 {
				r.Name = name
				out = append(out, r)
			}
		}
		return err
	})
	slices.SortFunc(out, func(a, b store.RiskedObject) int {
		return cmp.Or(cmp.Compare(b.Runs, a.Runs), strings.Compare(a.Name, b.Name))
	})
	return out[:min(len(out), mostOfRule)], err
}

// hoursOf are all hours of some systems; those that tiles do not say all of are
// read of the risk events.
func hoursOf(ctx context.Context, q conn, names, touched []string) (map[string][]risk.Hour, error) {
	out := make(map[string][]risk.Hour, len(names))
	if err := each(ctx, q, func(r *sql.Rows) error {
		var name string
		var packed sql.RawBytes
		if err := r.Scan(&name, &packed); err != nil {
			return err
		}
		hours, _, err := unpackTiles(packed)
		out[name] = append(out[name], hours...)
		return err
	}, `SELECT object, tiles FROM risk_week INDEXED BY risk_week_object WHERE object_type = 'system'
		AND object IN (SELECT value FROM json_each(?))`, jsonList(names)); err != nil {
		return nil, err
	}
	for _, name := range touched {
		var err error
		if out[name], err = newObject(ctx, q, "system", name).events(math.MinInt64, math.MaxInt64); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// runsOf counts the runs of a rule in the hours of a system.
func runsOf(hours []risk.Hour, rule string) (out store.RiskedObject) {
	runs := map[int64]bool{}
	for _, h := range hours {
		if h.RuleID != rule {
			continue
		}
		if len(runs) == 0 {
			out.First, out.Last = h.First, h.Last
		}
		runs[h.RunAt] = true
		out.First, out.Last, out.Runs = min(out.First, h.First), max(out.Last, h.Last), int64(len(runs))
	}
	return out
}

// RiskHours is all risk that a system ever had; what its risk events said may be
// left out.
func (d *DB) RiskHours(ctx context.Context, system string) (out []risk.Hour, err error) {
	defer fault.Wrap(&err, "risk of %q", system)
	err = d.snapshot(ctx, func(q conn) error {
		o := newObject(ctx, q, "system", system)
		if _, _, err := o.known(""); err != nil || o.all {
			for _, hours := range o.weeks {
				out = append(out, hours...)
			}
			return err
		}
		hours, err := hoursOf(ctx, q, []string{system}, nil)
		out = hours[system]
		return err
	})
	return out, err
}

// Runs are what the scheduled runs of a rule over windows found of a system, each
// with its first risk events, most at most.
func (d *DB) Runs(ctx context.Context, system, rule string, of []detection.Window, most int) (out []store.Run,
	err error) {
	defer fault.Wrap(&err, "runs for %q", system)
	out = make([]store.Run, len(of))
	const (
		run = ` AND r.object_type = 'system' AND r.object = ? AND r.rule_id = ? AND r.start = ? AND r.second >= ?
			AND r.second < ?`
		events = `SELECT ifnull(sum(r.count), 0) FROM risk_event r WHERE NOT EXISTS (SELECT 1 FROM finding
			INDEXED BY finding_hidden WHERE id = r.finding_id AND verdict <> 0)` + run
	)
	first := `SELECT ` + riskEventColumns + ` FROM risk_event r JOIN finding f ON f.id = r.finding_id
		WHERE f.verdict = 0` + run + ` ORDER BY r.second, f.key LIMIT ?`
	return out, d.snapshot(ctx, func(q conn) error {
		for i, w := range of {
			args := []any{system, rule, w.Start, w.Start, w.End}
			if err := one(ctx, q, events, args, &out[i].Events); err != nil {
				return err
			}
			if err := each(ctx, q, func(r *sql.Rows) error {
				e, err := scanRiskEvent(r)
				out[i].First = append(out[i].First, e)
				return err
			}, first, append(args, most)...); err != nil {
				return err
			}
		}
		return nil
	})
}
