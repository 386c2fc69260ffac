package db

import (
	"cmp"
	"context"
	"database/sql"
	"iter"
	"slices"
	"strings"

	"escutcheon/csvsafe"
	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/store"
)

// hostQuery yields one row a host, without its risk.
func hostQuery(f store.HostFilter) string {
	one, ofOne := "", ""
	if f.Dest != "" { // not "or" it: the indexes are to be used
		one, ofOne = ` AND h.dest = :dest`, ` AND dest = :dest`
	}
	return `WITH counted AS (
	SELECT dest, count(*) AS n, sum(verdict = 1) AS hidden FROM finding
	WHERE verdict <= 1 AND (:rule = '' OR rule_id = :rule)` + ofOne + ` GROUP BY dest
)
SELECT h.id, h.dest, h.spelling, ifnull(h.first, 0), ifnull(h.last, 0), h.last IS NOT NULL, h.events,
	ifnull(c.n, 0), ifnull(c.hidden, 0), (SELECT count(*) FROM note WHERE note.dest = h.dest AND deleted = 0)
FROM host h LEFT JOIN counted c ON c.dest = h.dest
WHERE (:text = '' OR instr(h.dest, :text) > 0)
	AND (:among IS NULL OR h.dest IN (SELECT value FROM json_each(:among)))` + one
}

// hosts reads the hosts that a filter chooses with their risk, in no order.
func (d *DB) hosts(ctx context.Context, f store.HostFilter) (out []store.Host, err error) {
	defer fault.Wrap(&err, "hosts")
	text := strings.ToLower(f.Text)
	err = d.snapshot(ctx, func(q conn) error {
		all, err := score(ctx, q, objects{kind: "system", rule: f.Rule, text: text, name: f.Dest, asOf: f.AsOf, now: f.Now})
		if err != nil {
			return err
		}
		byName := make(map[string]scored, len(all))
		for _, s := range all {
			byName[s.object] = s
		}
		return each(ctx, q, func(r *sql.Rows) error {
			h, err := scanHost(r)
			if s, ok := byName[h.Dest]; ok {
				h.Score, h.RiskEvents, h.AsOf, h.AsOfKind = s.score, s.events, s.asOf, s.asOfKind
			} else {
				h.AsOf, h.AsOfKind = risk.AsOf(f.AsOf, f.Now, nil, nil)
			}
			out = append(out, h)
			return err
		}, hostQuery(f), sql.Named("rule", f.Rule), sql.Named("text", text), sql.Named("dest", f.Dest),
			sql.Named("among", f.Among))
	})
	return out, err
}

func scanHost(row *sql.Rows) (store.Host, error) {
	var h store.Host
	err := row.Scan(&h.ID, &h.Dest, &h.Spelling, &h.First, &h.Last, &h.HasTime, &h.Events,
		&h.Findings, &h.Suppressed, &h.Notes)
	return h, err
}

// hostSorts are the values that lists of hosts are sorted by.
var hostSorts = map[string]func(store.Host) any{
	"score":    func(h store.Host) any { return h.Score },
	"last":     func(h store.Host) any { return h.Last },
	"dest":     func(h store.Host) any { return h.Dest },
	"findings": func(h store.Host) any { return h.Findings },
}

// Hosts returns one page of hosts. Sort is score (the default), last, dest or
// findings.
func (d *DB) Hosts(ctx context.Context, f store.HostFilter, p store.Page) ([]store.Host, store.Cursors, error) {
	value, ok := hostSorts[p.Sort]
	if !ok {
		value = hostSorts["score"]
	}
	all, err := d.hosts(ctx, f)
	if err != nil {
		return nil, store.Cursors{}, err
	}
	return sorted(all, p, func(h store.Host) mark { return mark{Value: value(h), ID: h.ID} })
}

// SummarizeHosts counts the hosts that a filter chooses.
func (d *DB) SummarizeHosts(ctx context.Context, f store.HostFilter) (s store.HostSummary, err error) {
	all, err := d.hosts(ctx, f)
	for _, h := range all {
		s.Hosts++
		s.Top = max(s.Top, h.Score)
		if h.Score > 0 {
			s.Risky++
		}
		if h.AsOfKind == risk.Newest {
			s.Newest++
		}
	}
	return s, err
}

// AllHosts yields the hosts that have risk events in the period, sorted by the
// bytes of dest's cell: tables are sorted as they are read.
func (d *DB) AllHosts(ctx context.Context, f store.HostFilter) iter.Seq2[store.Host, error] {
	return func(yield func(store.Host, error) bool) {
		all, err := d.hosts(ctx, f)
		if err != nil {
			yield(store.Host{}, err)
			return
		}
		all = slices.DeleteFunc(all, func(h store.Host) bool { return h.RiskEvents == 0 })
		slices.SortFunc(all, func(a, b store.Host) int { return cmp.Compare(csvsafe.Cell(a.Dest), csvsafe.Cell(b.Dest)) })
		for _, h := range all {
			if !yield(h, nil) {
				return
			}
		}
	}
}

// HostByDest returns one host with its risk.
func (d *DB) HostByDest(ctx context.Context, f store.HostFilter) (store.Host, error) {
	if f.Dest == "" { // which the query takes for any
		return store.Host{}, fault.New(fault.NotFound, "No host is named. Start from the list of hosts.")
	}
	found, err := d.hosts(ctx, f)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "No log of a host %q has been imported.", f.Dest)
	}
	if err != nil {
		return store.Host{}, err
	}
	return found[0], nil
}
