package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/store"
)

var ctx = context.Background()

func open(t testing.TB, path string) *db.DB {
	t.Helper()
	d, err := db.Open(ctx, path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// raw opens a file with the driver alone.
func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	d, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestOpenMakesAndReopens(t *testing.T) {
	// A path with what means something in a URI.
	dir := filepath.Join(t.TempDir(), "a b?c#d%41")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "x.db")
	open(t, path)
	if err := open(t, path).Ping(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file is not where it was asked for: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("not a database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.db")
	if _, err := raw(t, other).Exec(`CREATE TABLE t (x)`); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	newer := filepath.Join(dir, "newer.db")
	d, err := db.Open(ctx, newer, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := raw(t, newer).Exec(`PRAGMA user_version = 1000`); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		text:                                 "no Escutcheon database",
		other:                                "another program",
		newer:                                "newer Escutcheon (schema 1000;",
		filepath.Join(dir, "nosuch", "x.db"): "no folder",
	} {
		_, err := db.Open(ctx, path, time.Now)
		if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want a sentence with %q", path, err, want)
		}
	}
	// What was refused was not touched.
	after, err := os.ReadFile(other)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the other program's database was changed (%v)", err)
	}
	var n int
	if err := raw(t, other).QueryRow(`SELECT count(*) FROM sqlite_schema`).Scan(&n); err != nil || n != 1 {
		t.Errorf("the other program's database has %d tables (%v), want 1", n, err)
	}
}

// TestReadersDoNotWrite: the read pool is read-only whatever the query.
func TestReadersDoNotWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	if err := d.WriteThroughReader(ctx, `DELETE FROM note`); err == nil {
		t.Error("the read pool deleted")
	}
}

// withHost is a database that knows one host.
func withHost(t *testing.T) *db.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	if _, err := raw(t, path).Exec(`INSERT INTO host (dest, spelling) VALUES ('web01', 'WEB01'), ('web02', 'web02');
		INSERT INTO finding (key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
		VALUES ('k1', 'r', 'web01', '[]', '{}', '[]', x'00', 0, 1, 0, 0, 0)`); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestNoteLifecycle(t *testing.T) {
	d := withHost(t)
	id, err := d.AddNote(ctx, store.Note{Dest: "web01", Finding: "k1", Author: "first-shift", Text: "first"})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.EditNote(ctx, id, 1, "night-shift", "second"); err != nil {
		t.Fatal(err)
	}
	err = d.EditNote(ctx, id, 1, "first-shift", "stale")
	if fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a stale edit: %v, want a conflict", err)
	}
	if err := d.DeleteNote(ctx, id, 1, "first-shift"); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a stale deletion: %v, want a conflict", err)
	}
	n, err := d.NoteByID(ctx, id)
	if err != nil || n.Text != "second" || n.Author != "first-shift" || n.Editor != "night-shift" || n.Revision != 2 ||
		n.Edited.Before(n.Created) {
		t.Errorf("after a conflict the note is %+v, %v", n, err)
	}
	if err := d.DeleteNote(ctx, id, 2, "first-shift"); err != nil {
		t.Fatal(err)
	}
	if err := d.EditNote(ctx, id, 3, "first-shift", "back"); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("an edit of a deleted note: %v, want a conflict", err)
	}
	for n, err := range d.Notes(ctx, "") {
		t.Errorf("a deleted note is exported: %+v, %v", n, err)
	}
	notes, err := d.NotesOf(ctx, "web01")
	if err != nil || len(notes) != 1 || !notes[0].Deleted || notes[0].Text != "second" {
		t.Errorf("the page's notes are %+v, %v", notes, err)
	}
	history, err := d.Revisions(ctx, "web01")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range history[id] {
		got = append(got, v.Action+" by "+v.Author+": "+v.Text)
	}
	if want := "written by first-shift: first|edited by night-shift: second|deleted by first-shift: second"; strings.Join(
		got, "|") != want {
		t.Errorf("history %q, want %q", strings.Join(got, "|"), want)
	}
}

func TestNoteRefused(t *testing.T) {
	d := withHost(t)
	for name, c := range map[string]struct {
		note store.Note
		want fault.Code
	}{
		"no author": {store.Note{Dest: "web01", Author: " ", Text: "x"}, fault.Invalid},
		"no text":   {store.Note{Dest: "web01", Author: "first-shift", Text: "\n "}, fault.Invalid},
		"long author": {store.Note{Dest: "web01", Author: strings.Repeat("a", store.MaxAuthor+1), Text: "x"},
			fault.Invalid},
		"long text": {store.Note{Dest: "web01", Author: "first-shift",
			Text: strings.Repeat("a", store.MaxNote+1)}, fault.Invalid},
		"no such host":           {store.Note{Dest: "web09", Author: "first-shift", Text: "x"}, fault.NotFound},
		"no such finding":        {store.Note{Dest: "web01", Finding: "k9", Author: "first-shift", Text: "x"}, fault.Invalid},
		"another host's finding": {store.Note{Dest: "web02", Finding: "k1", Author: "first-shift", Text: "x"}, fault.Invalid},
	} {
		_, err := d.AddNote(ctx, c.note)
		var f *fault.Error
		if fault.CodeOf(err) != c.want || !errors.As(err, &f) || f.Sentence == "" {
			t.Errorf("%s: %v (%s), want %s", name, err, fault.CodeOf(err), c.want)
		}
	}
}

// TestNotesSortAsBytes: exports are sorted by bytes, so 10 comes before 9.
func TestNotesSortAsBytes(t *testing.T) {
	d := withHost(t)
	for range 11 {
		if _, err := d.AddNote(ctx, store.Note{Dest: "web01", Author: "first-shift", Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	var ids []int64
	for n, err := range d.Notes(ctx, "web01") {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, n.ID)
	}
	if len(ids) != 11 || ids[0] != 1 || ids[1] != 10 || ids[2] != 11 || ids[3] != 2 {
		t.Errorf("order %v", ids)
	}
}

func TestDamagedCursor(t *testing.T) {
	d := withHost(t)
	for _, cursor := range []string{"!", "aaaa", "aTE", "eDE6", "aTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk6MQ"} {
		if _, _, err := d.Findings(ctx, store.FindingFilter{}, store.Page{After: cursor,
			Limit: 5}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("cursor %q: %v, want a sentence", cursor, err)
		}
	}
}

// TestPrivate: nobody but the owner may read a new database.
func TestPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes are not what decides there")
	}
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	if err := d.Audit(ctx, store.AuditEntry{Action: "set", Object: "x"}); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}
}
