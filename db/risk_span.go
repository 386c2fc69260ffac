package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/store"
)

// RiskSpan are the risk events of an object in (After, UpTo] by hour, and, apart,
// those of so many seconds before; both in any order.
func (d *DB) RiskSpan(ctx context.Context, f store.RiskFilter, before int64) (lead, within []risk.Hour, err error) {
	defer fault.Wrap(&err, "risk of %q", f.Object)
	err = d.snapshot(ctx, func(q conn) error {
		o, err := wholeObject(ctx, q, cmp.Or(f.Type, "system"), f.Object)
		if err != nil {
			return err
		}
		r, any, err := o.known(f.Rule)
		if err != nil || !any {
			return err
		}
		from, to := max(f.After, r.first-1), min(f.UpTo, r.last)
		lower := max(r.first-1, f.After-before)
		if lower > to {
			return nil
		}
		if err := o.loadBetween(weekAt(lower), weekAt(to)); err != nil {
			return err
		}
		if lower < from {
			if lead, err = o.hours(f.Rule, lower, min(from, to)); err != nil {
				return err
			}
		}
		if from < to {
			within, err = o.hours(f.Rule, from, to)
		}
		return err
	})
	return lead, within, err
}

// loadBetween reads the weeks from one to another, however many they are.
func (o *object) loadBetween(from, to int64) error {
	if o.all {
		return nil
	}
	for w := from; w <= to; w++ {
		o.weeks[w] = nil
	}
	is, arg := isOne("object", o.names())
	var without []int64
	err := each(o.ctx, o.q, func(r *sql.Rows) error {
		var w int64
		var packed []byte
		if err := r.Scan(&w, &packed); err != nil {
			return err
		}
		if packed == nil {
			without = append(without, w)
		}
		_, err := o.unpack(w, packed)
		return err
	}, `SELECT week, `+wholeTiles+` FROM risk_week INDEXED BY risk_week_object WHERE object_type = ? AND `+is+`
		AND week BETWEEN ? AND ?`, o.kind, arg, from, to)
	return errors.Join(err, o.loadEvents(without))
}

// RiskSeconds are the risk events of an object in (After, UpTo] by time, each for
// an hour of its own; of very many the first.
func (d *DB) RiskSeconds(ctx context.Context, f store.RiskFilter, most int) (out []risk.Hour, err error) {
	defer fault.Wrap(&err, "risk of %q", f.Object)
	names, err := d.namesOfObject(ctx, f)
	if err != nil {
		return nil, err
	}
	where, args := riskEventsOf(f, names)
	err = d.rows(ctx, func(r *sql.Rows) error {
		h, err := scanHour(r)
		out = append(out, h)
		return err
	}, `SELECT `+hourColumns+where+` ORDER BY r.second LIMIT ?`, append(args, most)...)
	return out, err
}

// RiskOfKinds are the risk events of a system in (After, UpTo] whose findings on it
// are of some kinds of change: as they are by time, or where they are more than
// most, what they come to by rule, kind and hour.
func (d *DB) RiskOfKinds(ctx context.Context, f store.RiskFilter, kinds detection.Kind, most int) (
	events []store.RiskEvent, places []store.RiskPlace, err error) {
	defer fault.Wrap(&err, "risk events of %q", f.Object)
	const where = ` FROM finding f INDEXED BY finding_dest CROSS JOIN risk_event r ON r.finding_id = f.id
		WHERE f.dest IN (SELECT value FROM json_each(?2)) AND f.change & ?7 <> 0 AND f.verdict = 0 AND r.object_type = ?1
			AND r.object IN (SELECT value FROM json_each(?2)) AND (?3 = '' OR f.rule_id = ?4) AND r.second > ?5 AND r.second <= ?6`
	names, err := d.names(ctx, f.Object)
	if err != nil {
		return nil, nil, err
	}
	args := append(riskEventsArgs(f), int64(kinds))
	args[1] = jsonList(names)
	var n int
	err = d.snapshot(ctx, func(q conn) error {
		if err := one(ctx, q, `SELECT count(*) FROM (SELECT 1`+where+` LIMIT ?8)`, append(args, most+1), &n); err != nil {
			return err
		}
		if n <= most {
			return each(ctx, q, func(r *sql.Rows) error {
				e, err := scanRiskEvent(r)
				events = append(events, e)
				return err
			}, `SELECT `+riskEventColumns+where+` ORDER BY r.second, r.rule_id, f.key`, args...)
		}
		return each(ctx, q, func(r *sql.Rows) error {
			var p store.RiskPlace
			err := r.Scan(&p.RuleID, &p.Change, &p.First, &p.Last, &p.Count)
			places = append(places, p)
			return err
		}, `SELECT f.rule_id, f.change, min(r.second), max(r.second), count(*)`+where+`
			GROUP BY f.rule_id, f.change, r.second / 3600 + (r.second % 3600 > 0) ORDER BY min(r.second)`, args...)
	})
	return events, places, err
}
