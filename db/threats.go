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
		) h JOIN threat_object t ON t.value = h.value AND t.type = h.type JOIN finding f ON f.id = t.finding_id
			AND f.verdict = 0
		GROUP BY h.type, h.value ORDER BY h.n DESC, h.type, h.value`, arg)
	return out, err
}

// FindingsOfThreat returns the findings that have a threat object, the newest
// first, 500 at most.
func (d *DB) FindingsOfThreat(ctx context.Context, t detection.Threat) ([]store.Finding, error) {
	return d.someFindings(ctx, `id IN (SELECT finding_id FROM threat_object WHERE value = ? AND type = ?)`, t.Value,
		t.Type)
}
