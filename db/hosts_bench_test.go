package db_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"escutcheon/db"
	"escutcheon/store"
)

// manyHosts is a database with 60 risk events of four rules for each of so
// many hosts.
func manyHosts(b testing.TB, hosts int) *db.DB {
	path := filepath.Join(b.TempDir(), "x.db")
	d := open(b, path)
	plain := raw(b, path)
	tx, err := plain.BeginTx(ctx, nil)
	if err != nil {
		b.Fatal(err)
	}
	do := func(q string, args ...any) {
		if _, err := tx.ExecContext(ctx, q, args...); err != nil {
			b.Fatal(err)
		}
	}
	id := 0
	for n := range hosts {
		dest := fmt.Sprintf("web%05d.corp.example", n)
		do(`INSERT INTO host (dest, spelling, first, last, events) VALUES (?, ?, 1000000, 2000000, 60)`, dest, dest)
		for f := range 20 {
			id++
			rule, at := fmt.Sprint("rule", f%4), 1_000_000+n*7+f*20_000
			do(`INSERT INTO finding (id, key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
				VALUES (?, ?, ?, ?, '[]', '', '["x"]', ?, 0, 3, ?, ?, 0)`, id, fmt.Sprintf("%032d", id), rule, dest,
				[]byte{byte(f)}, at, at)
			for w := range 3 {
				do(`INSERT INTO risk_event (finding_id, start, object_type, object, rule_id, score, message, count, second)
					VALUES (?, ?, 'system', ?, ?, ?, 'a message', 1, ?)`, id, (at/3600+w)*3600, dest, rule, 10*(1+f%5), at+w*3600)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return d
}

// BenchmarkHosts asks for lists of 5,000 hosts with 60 risk events each, and
// for one of them.
func BenchmarkHosts(b *testing.B) {
	d := manyHosts(b, 5000)
	all := store.HostFilter{Now: 9_000_000}
	one := store.HostFilter{Now: 9_000_000, Dest: "web00077.corp.example"}
	for name, ask := range map[string]func() error{
		"a page":  func() error { _, _, err := d.Hosts(ctx, all, store.Page{Limit: 50}); return err },
		"summary": func() error { _, err := d.SummarizeHosts(ctx, all); return err },
		"objects": func() error {
			_, _, err := d.Objects(ctx, store.ObjectFilter{Type: "system", Now: all.Now}, store.Page{Limit: 50})
			return err
		},
		"one": func() error { _, err := d.HostByDest(ctx, one); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
