package db

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/store"
)

// placedObject is a risk object and its place in the order of names, among
// those chosen, from 1.
type placedObject struct {
	store.Object
	made     int64
	place    int64
	severity risk.Severity // where no moment was asked for
}

// objects reads the risk objects that a filter chooses, by name, and hands them
// on within the same snapshot.
func (d *DB) objects(ctx context.Context, f store.ObjectFilter,
	then func(viewer, conn, []placedObject) error) (err error) {
	defer fault.Wrap(&err, "risk objects")
	return d.snapshot(ctx, func(q conn) error {
		v, err := d.viewer(ctx, q)
		if err != nil {
			return err
		}
		k, at, err := objectsAsked(ctx, q, f, v)
		if err != nil {
			return err
		}
		all, ok := d.seen.objectsBefore(k, at)
		if !ok {
			if all, err = listObjects(ctx, q, v, f); err != nil {
				return err
			}
			d.seen.keepObjects(k, at, all)
		}
		named := f.By[store.ByUser]
		return then(v, q, slices.DeleteFunc(all, func(o placedObject) bool { return !named.Fits(o.Name) }))
	})
}

// listObjects reads the risk objects that a filter chooses.
func listObjects(ctx context.Context, q conn, v viewer, f store.ObjectFilter) ([]placedObject, error) {
	over, err := v.overlaid(ctx, q, f.Type, "", moment{f.AsOf, f.Now}, false)
	if err != nil {
		return nil, err
	}
	l := objectList{f: f, text: strings.ToLower(f.Text)}
	var damaged []string
	if err := each(ctx, q, func(r *sql.Rows) error {
		var st standing
		var live, whole bool
		if err := r.Scan(&st.object, &st.score, &st.events, &st.rules, &st.severity, &st.first, &st.last, &st.asOf,
			&live, &st.made, &whole); err != nil {
			return err
		}
		moved, is := over[st.object]
		if !whole {
			met.Add(1)
			if !is {
				damaged = append(damaged, st.object)
				return nil
			}
		}
		switch {
		case f.AsOf != nil && moved != nil && moved.weighed:
			first, last, made := st.first, st.last, st.made
			st = *moved
			st.first, st.last, st.made = first, last, made
		case is:
			return nil
		case f.AsOf != nil:
			st = standing{object: st.object, first: st.first, last: st.last, asOf: *f.AsOf, kind: risk.Asked,
				made: st.made}
		case live:
			st.asOf, st.kind = f.Now, risk.Now
		default:
			st.kind = risk.Newest
		}
		l.add(&st)
		return nil
	}, `SELECT object, score, events, rules, severity, first, last, as_of, live, made, `+objectSum.whole("object_risk")+`
		FROM object_risk WHERE object_type = ? AND rule_id = ''`, f.Type); err != nil {
		return nil, err
	}
	for _, name := range damaged {
		st, err := standingAnew(ctx, q, v.Scorer, f.Type, name, "", moment{f.AsOf, f.Now})
		if err != nil {
			return nil, err
		}
		l.add(st)
	}
	for _, st := range over {
		if st != nil && !st.weighed {
			l.add(st)
		}
	}
	return l.placed(), nil
}

// objectList gathers risk objects.
type objectList struct {
	f    store.ObjectFilter
	text string // in lower case
	out  []placedObject
}

func (l *objectList) add(st *standing) {
	if st == nil || l.text != "" && !strings.Contains(st.object, l.text) {
		return
	}
	l.out = append(l.out, placedObject{made: st.made, severity: st.severity, Object: store.Object{
		Name: st.object, Score: st.score, RiskEvents: st.events, Rules: st.rules, First: st.first, Last: st.last,
		AsOf: st.asOf, AsOfKind: st.kind}})
}

func (l *objectList) placed() []placedObject {
	slices.SortFunc(l.out, func(a, b placedObject) int { return strings.Compare(a.Name, b.Name) })
	for i := range l.out {
		l.out[i].place = int64(i + 1)
	}
	return l.out
}

// objectSorts are the values that lists of risk objects are sorted by.
var objectSorts = map[string]func(placedObject) any{
	"score":    func(o placedObject) any { return o.Score },
	"last":     func(o placedObject) any { return o.Last },
	"name":     func(o placedObject) any { return o.Name },
	"events":   func(o placedObject) any { return o.RiskEvents },
	"rules":    func(o placedObject) any { return o.Rules },
	"as-of":    func(o placedObject) any { return o.AsOf },
	"findings": func(o placedObject) any { return o.Findings },
	"severity": func(o placedObject) any { return int64(o.severity)<<40 | min(o.Score, 1<<40-1) },
}

// severe are those whose severity a filter chooses.
func severe(f store.ObjectFilter, all []placedObject) []placedObject {
	c, ok := f.By[store.BySeverity]
	if !ok || f.AsOf != nil {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(o placedObject) bool { return !c.Fits(o.severity.String()) })
}

// Objects returns one page of risk objects. Sort is score (the default), last,
// name, events, rules, findings, severity or as-of. Of equals, an import that brings a new name may shift where
// the next page begins.
func (d *DB) Objects(ctx context.Context, f store.ObjectFilter, p store.Page) ([]store.Object, store.Cursors, error) {
	value, ok := objectSorts[p.Sort]
	if !ok {
		value = objectSorts["score"]
	}
	var out []store.Object
	var cursors store.Cursors
	err := d.objects(ctx, f, func(v viewer, q conn, all []placedObject) error {
		all = severe(f, all)
		if p.Sort == "findings" {
			for i := range all {
				n, err := v.findings(ctx, q, f.Type, standing{object: all[i].Name, made: all[i].made}, true)
				if err != nil {
					return err
				}
				all[i].Findings = n
			}
		}
		shown, c, err := sorted(all, p, func(o placedObject) mark { return mark{Value: value(o), ID: o.place} })
		cursors = c
		for _, o := range shown {
			if err == nil {
				o.Findings, err = v.findings(ctx, q, f.Type, standing{object: o.Name, made: o.made}, true)
			}
			out = append(out, o.Object)
		}
		return err
	})
	if err != nil {
		return nil, store.Cursors{}, err
	}
	return out, cursors, nil
}

// SummarizeObjects counts the risk objects that a filter chooses.
func (d *DB) SummarizeObjects(ctx context.Context, f store.ObjectFilter) (s store.ObjectSummary, err error) {
	err = d.objects(ctx, f, func(_ viewer, _ conn, all []placedObject) error {
		for _, o := range severe(f, all) {
			if f.Name != "" && o.Name != f.Name {
				continue
			}
			s.Objects++
			s.Top = max(s.Top, o.Score)
			if o.Score > 0 {
				s.Risky++
			}
		}
		return nil
	})
	return s, err
}

// ObjectFacets counts the risk objects of a filter by their incidents' severity, which
// is known where no moment is asked for.
func (d *DB) ObjectFacets(ctx context.Context, f store.ObjectFilter) (out []store.Facet, err error) {
	if f.AsOf != nil {
		return nil, nil
	}
	return out, d.objects(ctx, f, func(_ viewer, _ conn, all []placedObject) error {
		out = severities(all)
		return nil
	})
}

// severities are the facet of objects' severities, the rarest first.
func severities(all []placedObject) []store.Facet {
	counts := map[string]int64{}
	for _, o := range all {
		counts[o.severity.String()]++
	}
	out := store.Facet{Name: store.BySeverity, All: len(counts)}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		out.Values = append(out.Values, store.FacetValue{Value: name, N: counts[name]})
	}
	slices.SortStableFunc(out.Values, func(a, b store.FacetValue) int { return cmp.Compare(a.N, b.N) })
	return []store.Facet{out}
}

// ObjectByName returns one risk object with its risk.
func (d *DB) ObjectByName(ctx context.Context, f store.ObjectFilter) (o store.Object, err error) {
	defer fault.Wrap(&err, "risk object")
	err = d.snapshot(ctx, func(q conn) error {
		v, err := d.viewer(ctx, q)
		if err != nil {
			return err
		}
		r, st, err := v.riskOf(newObject(ctx, q, f.Type, f.Name), store.RiskOf{AsOf: f.AsOf, Now: f.Now})
		if err == nil && !r.Any {
			err = fault.New(fault.NotFound, "No finding gave risk to a %s %q.", f.Type, f.Name)
		}
		if err != nil {
			return err
		}
		o = store.Object{Name: f.Name, Score: int64(r.Score), RiskEvents: int64(r.Count), Rules: int64(r.Rules()),
			AsOf: r.AsOf, AsOfKind: r.AsOfKind, First: r.First, Last: r.Last}
		if o.Findings, err = v.findings(ctx, q, f.Type, st, true); err == nil {
			o.Recent, err = v.findings(ctx, q, f.Type, st, false)
		}
		return err
	})
	return o, err
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

// FindingsOfObject returns a page of the findings that gave a risk object risk in
// (after, upTo], those with the newest risk event in there first.
func (d *DB) FindingsOfObject(ctx context.Context, o store.ObjectName, after, upTo int64,
	p store.Page) ([]store.Finding, store.Cursors, error) {
	return d.findingsBy(ctx, keyset{column: "r.second", id: "r.finding_id", page: p}, `risk_event r
		JOIN finding f ON f.id = r.finding_id WHERE f.verdict = 0 AND r.object = ? AND r.object_type = ? AND r.second > ?
		AND r.second <= ? AND NOT EXISTS (SELECT 1 FROM risk_event n WHERE n.finding_id = r.finding_id
			AND n.start > r.start AND n.start <= ? AND n.object_type = r.object_type AND n.object = r.object
			AND n.second <= ?)`, o.Name, o.Type, after, upTo, upTo, upTo)
}

// findingsBy returns a page of findings, f in a query from what follows FROM.
func (d *DB) findingsBy(ctx context.Context, k keyset, from string, args ...any) (out []store.Finding,
	c store.Cursors, err error) {
	cond, kargs, order, err := k.clause()
	if err != nil {
		return nil, c, err
	}
	var marks []mark
	err = d.rows(ctx, func(r *sql.Rows) error {
		var m mark
		f, err := scanFinding(withExtra{r, []any{&m.Value, &m.ID}})
		out, marks = append(out, f), append(marks, m)
		return err
	}, `SELECT `+findingColumnsOf("f")+`, `+k.column+`, `+k.id+` FROM `+from+cond+order,
		append(args, kargs...)...)
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

// RulesOf counts the findings of a dest by rule, suppressed ones too.
func (d *DB) RulesOf(ctx context.Context, dest string) (out []store.RuleCount, err error) {
	names, err := d.names(ctx, dest)
	if err != nil {
		return nil, err
	}
	cond, arg := isOne("dest", names)
	err = d.rows(ctx, func(r *sql.Rows) error {
		var c store.RuleCount
		err := r.Scan(&c.Rule, &c.Findings, &c.Suppressed, &c.Closed, &c.ClosedSuppressed, &c.Last)
		if n := len(out) - 1; n >= 0 && out[n].Rule == c.Rule { // of another name of the host
			o := &out[n]
			o.Findings, o.Suppressed, o.Closed = o.Findings+c.Findings, o.Suppressed+c.Suppressed, o.Closed+c.Closed
			o.ClosedSuppressed, o.Last = o.ClosedSuppressed+c.ClosedSuppressed, max(o.Last, c.Last)
			return err
		}
		out = append(out, c)
		return err
	}, `SELECT rule_id, n, suppressed, closed, closed_suppressed, (SELECT last FROM finding f WHERE f.dest = c.dest AND f.rule_id = c.rule_id
			AND verdict <= 1 ORDER BY last DESC LIMIT 1)
		FROM finding_count c WHERE `+cond+` ORDER BY rule_id`, arg)
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
	}, `SELECT id FROM rule WHERE EXISTS (SELECT 1 FROM finding_count WHERE rule_id = rule.id)`)
	return out, err
}
