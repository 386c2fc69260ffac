package db

import (
	"context"
	"database/sql"

	"escutcheon/detection"
	"escutcheon/store"
)

// threatRow is a row of threat_object.
type threatRow struct {
	place
	detection.Threat
}

func (l *ledger) insertThreats(rows []threatRow) error {
	return l.execMany(`INSERT OR FAIL INTO threat_object (finding_id, start, type, value) VALUES `, `(?, ?, ?, ?)`, ``,
		len(rows), func(args []any, i int) []any {
			return append(args, rows[i].finding, rows[i].start, rows[i].Type, rows[i].Value)
		})
}

// Threats returns the threat objects of findings that are not suppressed, those
// seen most first, 100 at most.
func (d *DB) Threats(ctx context.Context, f store.ThreatFilter) (out []store.Threat, err error) {
	// Most findings have none: what stands in no index of them is looked up last.
	const of = `SELECT t.type, t.value, count(DISTINCT t.finding_id) AS n FROM `
	const seen = ` CROSS JOIN threat_object t ON t.finding_id = o.id CROSS JOIN finding f ON f.id = t.finding_id
		AND f.verdict = 0 GROUP BY t.type, t.value`
	here, arg := `SELECT type, value, sum(n) AS n FROM threat_count WHERE dest = ?1 OR dest IN `+aliasesOf+`
		GROUP BY type, value`, f.Dest
	switch {
	case f.Finding != "":
		here, arg = of+`(SELECT id FROM finding WHERE key = ?) o`+seen, f.Finding
	case f.User != "":
		here, arg = of+`(SELECT DISTINCT finding_id AS id FROM risk_event WHERE object_type = 'user' AND object = ?) o`+seen,
			f.User
	}
	err = d.rows(ctx, func(r *sql.Rows) error {
		var t store.Threat
		err := r.Scan(&t.Type, &t.Value, &t.Here, &t.Findings, &t.Hosts)
		out = append(out, t)
		return err
	}, `SELECT h.type, h.value, h.n, ifnull(sum(c.n), 0), count(c.n)
		FROM (`+here+` ORDER BY n DESC, type, value LIMIT 100) h
		LEFT JOIN threat_count c ON c.value = h.value AND c.type = h.type
		GROUP BY h.type, h.value ORDER BY h.n DESC, h.type, h.value`, arg)
	return out, err
}

// FindingsOfThreat returns a page of the findings that have a threat object, the
// newest first, and how many there are.
func (d *DB) FindingsOfThreat(ctx context.Context, t detection.Threat, p store.Page) (out []store.Finding,
	c store.Cursors, n int64, err error) {
	const has = `finding f WHERE f.verdict = 0 AND f.id IN (SELECT finding_id FROM threat_object WHERE value = ?
		AND type = ?)`
	if out, c, err = d.findingsBy(ctx, keyset{column: "f.last", id: "f.id", page: p}, has, t.Value, t.Type); err == nil {
		err = d.rows(ctx, func(r *sql.Rows) error { return r.Scan(&n) },
			`SELECT ifnull(sum(n), 0) FROM threat_count WHERE value = ? AND type = ?`, t.Value, t.Type)
	}
	return out, c, n, err
}
