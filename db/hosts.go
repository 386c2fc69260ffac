package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"iter"
	"slices"
	"strings"

	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/store"
)

// hostQuery yields one row a host. ?1 rule, ?2 as-of or NULL, ?3 now, ?4 the
// period in seconds, ?5 text in lower case or empty, ?6 exact dest or empty, ?7
// a JSON list of dests or NULL.
const hostQuery = `
WITH live AS (
	SELECT r.object, r.second AS last, r.score, r.rule_id FROM risk_event r JOIN finding f ON f.id = r.finding_id
	WHERE f.verdict = 0 AND r.object_type = 'system' AND (?1 = '' OR r.rule_id = ?1) AND (?6 = '' OR r.object = ?6)
), moment AS (
	SELECT object, max(last > ?3 - ?4 AND last <= ?3) AS recent, max(last) AS newest FROM live GROUP BY object
), scored AS (
	SELECT object, recent, newest,
		CASE WHEN ?2 IS NOT NULL THEN ?2 WHEN recent THEN ?3 ELSE newest END AS as_of FROM moment
), total AS (
	SELECT object, as_of, recent, sum(CASE WHEN (SELECT value FROM setting WHERE name = 'cap') = '1' THEN top ELSE score END) AS score, sum(n) AS n FROM (
		SELECT s.object, s.as_of, s.recent, sum(l.score) AS score, max(l.score) AS top, count(l.score) AS n FROM scored s
		LEFT JOIN live l ON l.object = s.object AND l.last > s.as_of - ?4 AND l.last <= s.as_of GROUP BY s.object, l.rule_id
	) GROUP BY object
), counted AS (
	SELECT dest, count(*) AS n, sum(verdict = 1) AS hidden FROM finding
	WHERE verdict <= 1 AND (?1 = '' OR rule_id = ?1) AND (?6 = '' OR dest = ?6) GROUP BY dest
)
SELECT h.id, h.dest, h.spelling, ifnull(h.first, 0) AS first, ifnull(h.last, 0) AS last, h.last IS NOT NULL AS timed, h.events,
	ifnull(t.score, 0) AS score, ifnull(t.n, 0) AS risk_events,
	coalesce(t.as_of, ?2, ?3) AS as_of, CASE WHEN ?2 IS NOT NULL THEN 'asked' WHEN t.object IS NULL OR t.recent THEN 'now' ELSE 'newest' END AS kind,
	ifnull(c.n, 0) AS findings, ifnull(c.hidden, 0) AS hidden,
	(SELECT count(*) FROM note WHERE note.dest = h.dest AND deleted = 0) AS notes
FROM host h LEFT JOIN total t ON t.object = h.dest LEFT JOIN counted c ON c.dest = h.dest
WHERE (?5 = '' OR instr(h.dest, ?5) > 0) AND (?6 = '' OR h.dest = ?6)
	AND (?7 IS NULL OR h.dest IN (SELECT value FROM json_each(?7)))`

func hostArgs(f store.HostFilter) []any {
	var asOf any
	if f.AsOf != nil {
		asOf = *f.AsOf
	}
	var among any
	if f.Among != nil {
		among = *f.Among
	}
	return []any{f.Rule, asOf, f.Now, risk.Period, strings.ToLower(f.Text), f.Dest, among}
}

func scanHost(row interface{ Scan(...any) error }) (store.Host, error) {
	var h store.Host
	err := row.Scan(&h.ID, &h.Dest, &h.Spelling, &h.First, &h.Last, &h.HasTime, &h.Events, &h.Score, &h.RiskEvents, &h.AsOf, &h.AsOfKind,
		&h.Findings, &h.Suppressed, &h.Notes)
	return h, err
}

var hostSorts = map[string]string{"score": "score", "last": "last", "dest": "dest", "findings": "findings"}

// Hosts returns one page of hosts. Sort is score (the default), last, dest or
// findings.
func (d *DB) Hosts(ctx context.Context, f store.HostFilter, p store.Page) (out []store.Host, c store.Cursors, err error) {
	defer fault.Wrap(&err, "hosts")
	column, ok := hostSorts[p.Sort]
	if !ok {
		column = "score"
	}
	k := keyset{column: column, id: "id", table: "host", page: p}
	cond, kargs, order, err := k.clause()
	if err != nil {
		return nil, c, err
	}
	var marks []mark
	err = d.rows(ctx, func(r *sql.Rows) error {
		h, err := scanHost(r)
		out, marks = append(out, h), append(marks, mark{Value: map[string]any{"score": h.Score, "last": h.Last, "dest": h.Dest, "findings": h.Findings}[column], ID: h.ID})
		return err
	}, `SELECT * FROM (`+hostQuery+`) WHERE 1`+cond+order, append(hostArgs(f), kargs...)...)
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

// SummarizeHosts counts the hosts that a filter chooses.
func (d *DB) SummarizeHosts(ctx context.Context, f store.HostFilter) (s store.HostSummary, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT count(*), ifnull(sum(score > 0), 0), ifnull(max(score), 0), ifnull(sum(kind = 'newest'), 0) FROM (`+hostQuery+`)`, hostArgs(f)...).
		Scan(&s.Hosts, &s.Risky, &s.Top, &s.Newest)
	return s, err
}

// asInCSV is a dest as its cell in CSV has it: tables are sorted as they are
// read, with the apostrophe before what a spreadsheet takes for a formula.
const asInCSV = `CASE WHEN instr(char(9) || char(13) || '=+-@', substr(dest, 1, 1)) > 0 AND dest <> '' THEN '''' || dest ELSE dest END`

// AllHosts streams the hosts that have risk events in the period, sorted by
// the bytes of dest's cell.
func (d *DB) AllHosts(ctx context.Context, f store.HostFilter) iter.Seq2[store.Host, error] {
	return stream(ctx, d, func(r *sql.Rows) (store.Host, error) { return scanHost(r) },
		`SELECT * FROM (`+hostQuery+`) WHERE risk_events > 0 ORDER BY `+asInCSV, hostArgs(f)...)
}

// HostByDest returns one host with its risk.
func (d *DB) HostByDest(ctx context.Context, f store.HostFilter) (store.Host, error) {
	if f.Dest == "" { // which the query takes for any
		return store.Host{}, fault.New(fault.NotFound, "No host is named. Start from the list of hosts.")
	}
	h, err := scanHost(d.r.QueryRowContext(ctx, hostQuery, hostArgs(f)...))
	if errors.Is(err, sql.ErrNoRows) {
		return h, fault.New(fault.NotFound, "No log of a host %q has been imported.", f.Dest)
	}
	return h, err
}

// RiskEvents returns risk events by time, rule and finding.
func (d *DB) RiskEvents(ctx context.Context, f store.RiskFilter) (out []store.RiskEvent, err error) {
	defer fault.Wrap(&err, "risk events of %q", f.Object)
	err = d.rows(ctx, func(r *sql.Rows) error {
		var e store.RiskEvent
		var row string
		if err := r.Scan(&e.RiskObject, &e.ObjectType, &e.RuleID, &e.Score, &e.Message, &e.WindowStart, &e.Count, &e.Time, &e.FindingID, &row); err != nil {
			return err
		}
		e.Row = cells(row)
		out = append(out, e)
		return nil
	}, `SELECT r.object, r.object_type, r.rule_id, r.score, r.message, r.start, r.count, r.second, f.key, f.row
		FROM risk_event r JOIN finding f ON f.id = r.finding_id
		WHERE f.verdict = 0 AND r.object_type = ? AND r.object = ? AND (? = '' OR r.rule_id = ?) AND r.second > ? AND r.second <= ?
		ORDER BY r.second, r.rule_id, f.key`, cmp.Or(f.Type, "system"), f.Object, f.Rule, f.Rule, f.After, f.UpTo)
	return out, err
}

// ChangesOf returns the findings of a dest that have an event in (after, upTo],
// in the order of their rows.
func (d *DB) ChangesOf(ctx context.Context, dest, rule string, after, upTo int64) (out []store.Finding, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		f, err := scanFinding(r)
		out = append(out, f)
		return err
	}, `SELECT `+findingColumns+` FROM finding WHERE verdict = 0 AND dest = ? AND (? = '' OR rule_id = ?) AND last > ? AND first <= ? ORDER BY sort`,
		dest, rule, rule, after, upTo)
	return out, err
}
