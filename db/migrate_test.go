package db_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/store"
)

// migrations are the files, in order.
func migrations(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	slices.Sort(files)
	return files
}

// old is a database of an earlier version, with one import of one block, one
// host, event and finding, and a note.
func old(t *testing.T, version int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "old.db")
	q := raw(t, path)
	q.SetMaxOpenConns(1) // all in one transaction
	do := func(text string) {
		t.Helper()
		if _, err := q.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	do(`BEGIN`)
	for n, file := range migrations(t)[:version] {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		do(string(text))
		do(fmt.Sprintf(`PRAGMA user_version = %d; PRAGMA application_id = %d`, n+1, 0x45534355))
		if n == 0 {
			do(`INSERT INTO import (id, name, sha256, size, source, zone, computer, format, encoding, gzip, status, created)
				VALUES (7, 'a.log', 'ab', 3, 'upload', 'UTC', 'c', 'event-xml', 'utf-8', 1, 'done', 5);
				INSERT INTO host (id, dest, spelling, events) VALUES (1, 'web01', 'WEB01', 1);
				INSERT INTO event (id, host_id, channel_id, provider_id, record, code, second, nanos) VALUES (4, 1, 0, 0, 1, 29,
					0, 0);
				INSERT INTO finding (id, key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
				VALUES (1, 'k', 'r', 'web01', '[]', '{}', '[]', '', 0, 1, 0, 0, 0);
				INSERT INTO note (dest, finding, author, editor, created, edited, revision, text) VALUES ('web01', 'k', 'a', 'a',
					1, 1, 1, 'x')`)
			if _, err := q.Exec(`INSERT INTO block (first_event, count, import_id, data) VALUES (4, 1, 7, ?)`,
				db.PackOne("bytes")); err != nil {
				t.Fatal(err)
			}
		}
	}
	do(`COMMIT`)
	return path
}

// TestMigrate: a database of each version becomes one of this, with what was in
// it; findings are made anew where what they hold has changed.
func TestMigrate(t *testing.T) {
	for version := 1; version <= len(migrations(t)); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			d := open(t, old(t, version))
			i, err := d.ImportByID(ctx, 7)
			if err != nil || i.Name != "a.log" || i.Compression != "gzip" || i.Format != "event-xml" {
				t.Errorf("%+v, %v", i, err)
			}
			notes, err := d.NotesOf(ctx, "web01")
			if err != nil || len(notes) != 1 || notes[0].Finding != "k" {
				t.Errorf("notes %+v, %v", notes, err)
			}
			seen, err := d.Sightings(ctx, 4)
			if err != nil || len(seen) != 1 || seen[0].Raw != "bytes" || seen[0].Import != 7 || seen[0].Reading.Computer != "c" {
				t.Errorf("sightings %+v, %v", seen, err)
			}
			if _, err := d.FindingByKey(ctx, "k"); fault.CodeOf(err) != fault.NotFound && version < 3 {
				t.Errorf("the finding of an older state: %v", err)
			}
			var next int
			if err := raw(t, d.Path()).QueryRow(`SELECT last + 1 FROM sequence
				WHERE name = 'record'`).Scan(&next); err != nil || next != 5 {
				t.Errorf("the next record is %d, %v; want 5", next, err)
			}
		})
	}
}

// TestOrder: findings of an older version are ordered as their cells stand in CSV now.
func TestOrder(t *testing.T) {
	files := migrations(t)
	path := old(t, slices.Index(files, filepath.Join("migrations", "036_order.sql")))
	cells := [][]string{{"b\n=x"}, {"\u200b=x"}, {"b\n)"}}
	for i, c := range cells {
		if _, err := raw(t, path).Exec(`INSERT INTO finding (key, rule_id, dest, by_key, state, row, sort, verdict, made, count,
			first, last, change) VALUES (?, 'r', 'web01', '[]', x'', ?, ?, 0, 1, 1, 0, 0, 0)`, fmt.Sprint(i), db.Marshal(c),
			append([]byte(c[0]), 0, 1)); err != nil {
			t.Fatal(err)
		}
	}
	d := open(t, path)
	var got []string
	for f, err := range d.AllFindings(ctx, store.FindingFilter{Rule: "r"}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, f.Key)
	}
	if want := []string{"1", "0", "2"}; !slices.Equal(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
}
