package db

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"math"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/store"
)

// inForce are the rules in force; nil where none were put into force.
func (d *DB) inForce() *detection.Rules {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rules
}

// RisksOf is the risk of risk objects of one type, in the order of their names.
func (d *DB) RisksOf(ctx context.Context, f store.RiskOf, names []string) (out []store.Risk, err error) {
	defer fault.Wrap(&err, "risk")
	err = d.snapshot(ctx, func(q conn) error {
		v, err := d.viewer(ctx, q)
		late := false
		var of merges
		if err == nil {
			of, err = mergesOf(ctx, q)
		}
		if err == nil && len(names) > 1 && f.AsOf == nil {
			late, err = changing(ctx, q)
		}
		for _, name := range names {
			if err != nil {
				return err
			}
			var r store.Risk
			look := func() (r store.Risk, err error) {
				o := newObject(ctx, q, cmp.Or(f.Type, "system"), name)
				if o.kind == "system" {
					o.also = of[name]
				}
				r, _, err = v.riskOf(o, f)
				return r, err
			}
			if late {
				r, err = lateOf(&d.seen.lately, &d.seen.lately.risk, latelyKey{f.Type + "\n" + f.Rule, name}, look)
			} else {
				r, err = look()
			}
			out = append(out, r)
		}
		return err
	})
	return out, err
}

// riskOf is the risk of one object.
func (v viewer) riskOf(o *object, f store.RiskOf) (out store.Risk, st standing, err error) {
	o.told = true
	at := moment{f.AsOf, f.Now}
	r, any, err := o.known(f.Rule)
	if out.First, out.Last, out.Any = r.first, r.last, any; err != nil {
		return out, st, err
	}
	if !out.Any {
		asOf, kind := risk.AsOf(f.AsOf, f.Now, nil, nil)
		return store.Risk{View: v.Over(o.name, nil, asOf), AsOfKind: kind}, st, nil
	}
	out.View, st, err = v.look(o, f.Rule, at, r)
	out.AsOfKind = st.kind
	return out, st, err
}

// known finds an object's first and newest risk event of a rule. Where the tiles
// do not say all of it, it reads the risk events themselves.
func (o *object) known(rule string) (out row, ok bool, err error) {
	if len(o.also) > 0 {
		return o.knownOfAll(rule)
	}
	touched := false
	err = each(o.ctx, o.q, func(r *sql.Rows) error {
		ok = true
		return r.Scan(&out.first, &out.last, &out.made, &touched)
	}, `SELECT first, last, made, 0 FROM object_risk WHERE object_type = ?1 AND object = ?2 AND rule_id = ?3
		UNION ALL SELECT * FROM (SELECT 0, 0, 0, 1 FROM risk_touched WHERE object_type = ?1 AND object = ?2 LIMIT 1)`,
		o.kind, o.name, rule)
	if err != nil || !touched {
		return out, ok, err
	}
	if err := o.loadAll(); err != nil {
		return row{}, false, err
	}
	out.first, out.last, ok = o.ends(rule)
	return out, ok, nil
}

// knownOfAll is known of an object of several names: made is 0, as no one row says it.
func (o *object) knownOfAll(rule string) (out row, ok bool, err error) {
	single := newObject(o.ctx, o.q, o.kind, "")
	out.first, out.last = math.MaxInt64, math.MinInt64
	for _, single.name = range o.names() {
		r, any, err := single.known(rule)
		if err != nil {
			return out, false, err
		}
		if single.all { // the tiles do not say all of it
			if err := o.loadAll(); err != nil {
				return out, false, err
			}
			out.first, out.last, ok = o.ends(rule)
			return out, ok, nil
		}
		if any {
			out.first, out.last, ok = min(out.first, r.first), max(out.last, r.last), true
		}
	}
	return out, ok, nil
}

// overlay are the risk objects of a type whose rows in object_risk do not say what
// holds at a moment; nil: it has no risk.
type overlay map[string]*standing

func (o overlay) names() []string { return slices.Collect(maps.Keys(o)) }

// fitting are the names of those whose severity is asked for.
func (o overlay) fitting(asked func(risk.Severity) bool) []string {
	out := []string{}
	for name, st := range o {
		if asked(candidateOf(st).severity) {
			out = append(out, name)
		}
	}
	return out
}

// overlaid scores them, by a rule or (rule "") all. For a moment that was asked
// for it is all objects with risk in the Lookback before it; their severity is
// known if it is asked for.
func (v viewer) overlaid(ctx context.Context, q conn, kind, rule string, at moment, severe bool) (overlay, error) {
	out := overlay{}
	if err := out.touched(ctx, q, v.Scorer, kind, rule, at); err != nil {
		return nil, err
	}
	if at.asked != nil {
		return v.asked(ctx, q, out, askedKey{kind, rule, *at.asked, severe})
	}
	stale := cols + `INDEXED BY object_risk_due WHERE object_type = ? AND rule_id = ? AND until <= ?
		AND until < 9223372036854775807`
	if err := v.overlay(ctx, q, out, rule, at, kind, stale, kind, rule, at.now); err != nil {
		return nil, err
	}
	var behind int64
	if err := one(ctx, q, `SELECT since FROM risk_clock`, nil, &behind); err != nil || at.now >= behind {
		return out, err
	}
	return out, v.overlay(ctx, q, out, rule, at, kind, cols+`WHERE object_type = ? AND rule_id = ? AND since > ?`, kind,
		rule, at.now)
}

const cols = `SELECT object, first, last, made FROM object_risk `

// overlay adds the objects that a query of cols chooses.
func (v viewer) overlay(ctx context.Context, q conn, out overlay, rule string, at moment, kind, query string,
	args ...any) error {
	var list []*object
	var rows []row
	if err := each(ctx, q, func(r *sql.Rows) error {
		o := newObject(ctx, q, kind, "")
		var of row
		err := r.Scan(&o.name, &of.first, &of.last, &of.made)
		if _, there := out[o.name]; !there {
			list, rows, out[o.name] = append(list, o), append(rows, of), nil
		}
		return err
	}, query, args...); err != nil {
		return err
	}
	if at.asked != nil {
		if err := loadWeeks(ctx, q, kind, list, weekAt(*at.asked-risk.Lookback), weekAt(*at.asked)); err != nil {
			return err
		}
	}
	for i, o := range list {
		var st standing
		var err error
		if at.asked != nil { // they are many, and not asked for again
			_, st, err = o.view(v.Scorer, rule, at, rows[i].first, rows[i].last)
		} else {
			_, st, err = v.look(o, rule, at, rows[i])
		}
		if err != nil {
			return err
		}
		out[o.name] = &st
	}
	return nil
}

// touched scores the objects that tiles and rows do not say all of, unless an
// import is under way that will see to it.
func (out overlay) touched(ctx context.Context, q conn, s risk.Scorer, kind, rule string, at moment) error {
	var names []string
	err := each(ctx, q, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		names = append(names, name)
		return err
	}, `SELECT DISTINCT object FROM risk_touched WHERE object_type = ? AND NOT `+stillLate, kind, lateSince())
	for _, name := range names {
		if err != nil {
			return err
		}
		out[name], err = standingAnew(ctx, q, s, kind, name, rule, at)
	}
	return err
}

// standingAnew is made of the risk events themselves; nil where there are none.
func standingAnew(ctx context.Context, q conn, s risk.Scorer, kind, name, rule string, at moment) (*standing, error) {
	o := newObject(ctx, q, kind, name)
	if err := o.loadAll(); err != nil {
		return nil, err
	}
	first, last, ok := o.ends(rule)
	if !ok {
		return nil, nil
	}
	_, st, err := o.view(s, rule, at, first, last)
	return &st, err
}

// loadWeeks loads some weeks of many objects.
func loadWeeks(ctx context.Context, q conn, kind string, list []*object, from, to int64) error {
	byName := make(map[string]*object, len(list))
	for _, o := range list {
		byName[o.name] = o
		for w := from; w <= to; w++ {
			o.weeks[w] = nil
		}
	}
	return each(ctx, q, func(r *sql.Rows) error {
		var week int64
		var name string
		var packed sql.RawBytes
		if err := r.Scan(&week, &name, &packed); err != nil {
			return err
		}
		o := byName[name]
		if o == nil {
			return nil
		}
		told, err := o.unpack(week, packed)
		if packed == nil {
			delete(o.weeks, week) // whoever asks for it reads it again
		}
		o.untold = o.untold || !told
		return err
	}, `SELECT week, object, `+wholeTiles+` FROM risk_week WHERE object_type = ? AND week BETWEEN ? AND ?`, kind, from, to)
}

// one scans the one row of a query; where there is none it is sql.ErrNoRows.
func one(ctx context.Context, q queryer, query string, args []any, dst ...any) error {
	err := sql.ErrNoRows
	if e := each(ctx, q, func(r *sql.Rows) error {
		err = nil
		return r.Scan(dst...)
	}, query, args...); e != nil {
		return e
	}
	return err
}
