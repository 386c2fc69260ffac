package db_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/store"
	"escutcheon/triage"
)

// BenchmarkAuditOfTriage sets the status of 100,000 findings, and tells the audit trail
// as much once more, in a transaction of its own and in no order: share is what that
// takes of what all else takes, in per cent, which is more than it takes within.
func BenchmarkAuditOfTriage(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.db")
	d := open(b, path)
	if _, err := raw(b, path).Exec(`INSERT INTO host (dest, spelling) VALUES ('web01', 'web01');
		INSERT INTO finding (key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
		SELECT lower(hex(randomblob(16))), 'r', 'web' || i % 100, '[]', '{}', '[]', x'00', 0, 1, i, i, 0 FROM n`); err != nil {
		b.Fatal(err)
	}
	all := store.FindingFilter{Rule: "r"}
	var with, alone time.Duration
	for b.Loop() {
		for _, s := range []triage.Status{triage.Closed, triage.New} {
			began := time.Now()
			done, err := d.SetTriage(anna, store.TriageChange{Filter: &all, Status: &s, Author: "bob"})
			if err != nil || done.Changed != 100_000 {
				b.Fatal(done, err)
			}
			with += time.Since(began)
			began = time.Now()
			if err := d.WriteLarge(anna, func(p db.Part) error {
				rows := make([]store.AuditEntry, done.Changed)
				for i := range rows {
					rows[i] = store.AuditEntry{Person: "bob", Action: "set", Field: "status", Old: "New", New: s.String(),
						Object: fmt.Sprintf("finding %08x%024x", uint32(i)*2654435761, i)}
				}
				return p.Audit(rows...)
			}); err != nil {
				b.Fatal(err)
			}
			alone += time.Since(began)
		}
	}
	b.ReportMetric(100*alone.Seconds()/(with-alone).Seconds(), "share-%")
	b.ReportMetric(with.Seconds()/float64(2*b.N), "s/triage")
	if _, err := d.VerifyAudit(ctx, func(d store.AuditDamage) { b.Error(d) }); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAuditFilters asks for the first page of an audit trail of a million rows, by
// each filter.
func BenchmarkAuditFilters(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.db")
	d := open(b, path)
	if _, err := raw(b, path).Exec(`INSERT INTO audit (id, at, person, action, object, field, old, new, address, prev)
		WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 1000009)
		SELECT i, i * 1000000000, 'person ' || (i % 7), iif(i % 1000 = 0, 'exported', 'set'),
			iif(i % 500 = 0, 'case ESC-' || (i % 50), 'finding ' || lower(hex(randomblob(16)))), 'status', 'New', 'Closed',
			'10.0.0.7', lower(hex(randomblob(32))) FROM n`); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		f    store.AuditFilter
		want int64
	}{{"all", store.AuditFilter{}, 1_000_001}, {"person", store.AuditFilter{Person: "person 3"}, 142_858},
		{"action", store.AuditFilter{Action: "exported"}, 1_000},
		{"nobody", store.AuditFilter{Person: "nobody"}, 0}, {"object", store.AuditFilter{Object: "case "}, 2_000},
		{"of", store.AuditFilter{Of: "case ESC-0"}, 2_000},
		{"from", store.AuditFilter{From: time.Unix(1_000_000, 0)}, 11}, {"text", store.AuditFilter{Text: "esc-0"}, 2_000}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				list, _, total, err := d.AuditTrail(ctx, c.f, store.Page{Limit: 50})
				if err != nil || total != c.want || len(list) > 50 {
					b.Fatal(len(list), total, err)
				}
			}
		})
	}
}
