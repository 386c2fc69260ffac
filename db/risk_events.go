package db

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/fault"
	"escutcheon/store"
)

// told is what a run over a window tells of a finding: before, it may have told
// something else.
type told struct {
	rule    *detection.Rule
	before  bool
	events  []detection.RiskEvent
	threats []detection.Threat
}

// Told are the findings of a rule that have risk, or the one with a key, and of
// which windows.
func (l *ledger) Told(r *detection.Rule, key string) (out []materialize.Place, err error) {
	if err := l.Flush(); err != nil {
		return nil, err
	}
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
	h, err := l.must(key)
	if err != nil {
		return err
	}
	t := l.toldOf(r, place{h.id, start})
	t.events, t.threats = append(t.events, events...), append(t.threats, threats...)
	return nil
}

// DeleteRisk deletes what a run over a window made of a finding, or (key "") of
// all findings of the rule.
func (l *ledger) DeleteRisk(r *detection.Rule, key string, start int64) error {
	if key == "" {
		if err := l.Flush(); err != nil {
			return err
		}
		return l.do([]any{start, r.ID}, `DELETE FROM risk_event WHERE start = ? AND finding_id`+ofRule,
			`DELETE FROM threat_object WHERE start = ? AND finding_id`+ofRule)
	}
	h, err := l.hold(key)
	if err == nil && h.id != 0 {
		*l.toldOf(r, place{h.id, start}) = told{rule: r, before: true}
	}
	return err
}

func (l *ledger) toldOf(r *detection.Rule, p place) *told {
	if l.told[p] == nil {
		l.told[p] = &told{rule: r}
	}
	return l.told[p]
}

// flushRisk writes what runs tell.
func (l *ledger) flushRisk() error {
	places := sortedPlaces(l.told)
	var events []riskRow
	var threats []threatRow
	for _, p := range places {
		t := l.told[p]
		for i := range t.events {
			events = append(events, riskRow{p, &t.events[i], t.rule.ID})
		}
		for _, h := range t.threats {
			threats = append(threats, threatRow{p, h})
		}
		if !t.before {
			continue
		}
		if err := l.untell(t.rule, p); err != nil {
			return err
		}
	}
	if err := l.insertRisk(events); err != nil {
		return err
	}
	clear(l.told)
	return l.insertThreats(threats)
}

// untell deletes what a run told of a finding.
func (l *ledger) untell(r *detection.Rule, p place) error {
	if err := l.do([]any{p.finding, p.start}, `DELETE FROM risk_event WHERE finding_id = ? AND start = ?`); err != nil {
		return err
	}
	if len(r.RBA.ThreatObjects) == 0 { // nor had it any when this was told
		return nil
	}
	return l.do([]any{p.finding, p.start}, `DELETE FROM threat_object WHERE finding_id = ? AND start = ?`)
}

// riskRow is a row of risk_event.
type riskRow struct {
	place
	*detection.RiskEvent
	rule string
}

func (l *ledger) insertRisk(rows []riskRow) error {
	return l.execMany(`INSERT OR FAIL INTO risk_event
		(finding_id, start, object_type, object, rule_id, score, message, count, second, sum) VALUES `,
		`(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, ``, len(rows), func(args []any, i int) []any {
			r := rows[i]
			at := len(args)
			args = append(args, r.finding, r.start, r.ObjectType, r.RiskObject, r.rule, int64(r.Score), r.Message,
				int64(r.Count), r.Time)
			return append(args, checksum(args[at:]...))
		})
}

var riskEventColumns = `r.object, r.object_type, r.rule_id, r.score, r.message, r.start, r.count, r.second,
	f.key, f.row, f.change, ` + riskSum.whole("r") + `, ` + findingSum.whole("f")

func scanRiskEvent(r *sql.Rows, more ...any) (e store.RiskEvent, err error) {
	var row string
	var whole, ofWhole bool
	err = r.Scan(append([]any{&e.RiskObject, &e.ObjectType, &e.RuleID, &e.Score, &e.Message, &e.WindowStart, &e.Count,
		&e.Time, &e.FindingID, &row, &e.Change, &whole, &ofWhole}, more...)...)
	if e.Row = cells(row); !whole || !ofWhole {
		met.Add(1)
		e.Damaged, e.Score, e.Message = true, 0, store.DamagedCell
		e.Row = damagedCells(len(e.Row))
	}
	return e, err
}

const riskEventsWhere = ` FROM risk_event r JOIN finding f ON f.id = r.finding_id
	WHERE f.verdict = 0 AND r.object_type = ? AND r.object = ? AND (? = '' OR r.rule_id = ?) AND r.second > ?
		AND r.second <= ?`

// riskEventsOf is riskEventsWhere, for a host of several names with all of them.
func riskEventsOf(f store.RiskFilter, names []string) (string, []any) {
	args := riskEventsArgs(f)
	if len(names) < 2 {
		return riskEventsWhere, args
	}
	args[1] = jsonList(names)
	return strings.Replace(riskEventsWhere, `r.object = ?`, `r.object IN (SELECT value FROM json_each(?))`, 1), args
}

// namesOfObject are those of a system, and of another object the one.
func (d *DB) namesOfObject(ctx context.Context, f store.RiskFilter) ([]string, error) {
	if cmp.Or(f.Type, "system") != "system" {
		return nil, nil
	}
	return d.names(ctx, f.Object)
}

func riskEventsArgs(f store.RiskFilter) []any {
	return []any{cmp.Or(f.Type, "system"), f.Object, f.Rule, f.Rule, f.After, f.UpTo}
}

// RiskEvents returns risk events by time, rule and finding.
func (d *DB) RiskEvents(ctx context.Context, f store.RiskFilter) (out []store.RiskEvent, err error) {
	defer fault.Wrap(&err, "risk events of %q", f.Object)
	err = d.rows(ctx, func(r *sql.Rows) error {
		e, err := scanRiskEvent(r)
		out = append(out, e)
		return err
	}, `SELECT `+riskEventColumns+riskEventsWhere+` ORDER BY r.second, r.rule_id, f.key`, riskEventsArgs(f)...)
	return out, err
}

// RiskEventPage returns one page of risk events by time, the newest first unless
// the page ascends. The page's sort means nothing.
func (d *DB) RiskEventPage(ctx context.Context, f store.RiskFilter, p store.Page) (out []store.RiskEvent,
	c store.Cursors, err error) {
	defer fault.Wrap(&err, "risk events of %q", f.Object)
	k := keyset{column: "r.second", id: "r.finding_id", table: "finding", page: p}
	cond, kargs, order, err := k.clause()
	if err != nil {
		return nil, c, err
	}
	names, err := d.namesOfObject(ctx, f)
	if err != nil {
		return nil, c, err
	}
	where, args := riskEventsOf(f, names)
	var marks []mark
	err = d.rows(ctx, func(r *sql.Rows) error {
		var m mark
		e, err := scanRiskEvent(r, &m.ID)
		m.Value = e.Time
		out, marks = append(out, e), append(marks, m)
		return err
	}, `SELECT `+riskEventColumns+`, r.finding_id`+where+cond+order, append(args, kargs...)...)
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
