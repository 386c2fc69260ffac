package db_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/export"
	"escutcheon/store"
	"escutcheon/triage"
)

// notesOut are the notes of a database as they leave.
func notesOut(t *testing.T, d *db.DB) string {
	t.Helper()
	var b bytes.Buffer
	if err := export.NotesCSV(ctx, &b, d, ""); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// notesIn takes notes in, and says what it came to.
func notesIn(t *testing.T, d *db.DB, table string) string {
	t.Helper()
	by := store.WithActor(ctx, store.Actor{Person: "zoe", Address: "10.0.0.7"})
	done, err := d.ImportNotes(by, export.ReadNotes(strings.NewReader(table)))
	if err != nil {
		return err.Error()
	}
	out := fmt.Sprintf("%d new, %d changed, %d unchanged", done.New, done.Changed, done.Unchanged)
	for _, r := range done.Refused {
		out += fmt.Sprintf("; %d: %s", r.Line, r.Reason)
	}
	return out
}

// hostileTexts are what a CSV or a spreadsheet might not give back.
var hostileTexts = []string{"plain", "=1+1", "'=1", "''''-x", "'", "two\n'=lines\n''@x", "\r\ncr, lf\r", `"quoted";=1`,
	"a\x00b '␀ and '\x00", "\tx", "@x,\"", "\ufeffmark", "\u200b＝1 \u2028 code", " spaces "}

// filled is a house with a note of each hostile text, one edited and one deleted, and
// triage of a host and of a finding.
func filled(t *testing.T) *house {
	h := newHouse(t, stats(t))
	h.add("a", iis("WEB01", 0, 1, "/x"), iis("web02", 0, 2, "/x"))
	key := keyOf("stats", "WEB01")
	for i, text := range hostileTexts {
		h.now = h.now.Add(time.Duration(i%2) * 1500 * time.Millisecond)
		n := store.Note{Dest: []string{"web01", "web02"}[i%2], Author: "'=anna", Text: text}
		if i%4 == 0 {
			n.Finding = key
		}
		_, err := h.AddNote(ctx, n)
		h.ok(err)
	}
	h.ok(h.EditNote(ctx, 2, 1, "bert", "=edited"))
	h.ok(h.DeleteNote(ctx, 3, 1, "bert"))
	closed, wrong, owner := triage.Closed, triage.Dispositions()[1], "-owner"
	for _, c := range []store.TriageChange{{Findings: []string{key}, Status: &closed, Author: "anna"},
		{Host: "web02", Disposition: &wrong, Owner: &owner, Author: "anna"}} {
		_, err := h.SetTriage(ctx, c)
		h.ok(err)
	}
	return h
}

// TestNotesBack: what left changes nothing where it is, and is all there where nothing
// was, and then changes nothing either.
func TestNotesBack(t *testing.T) {
	h := filled(t)
	out := notesOut(t, h.DB)
	before := h.one(`SELECT group_concat(id || text || revision || edited) FROM note`)
	h.is("where it is", notesIn(t, h.DB, out), "0 new, 0 changed, 13 unchanged")
	h.is("the notes", h.one(`SELECT group_concat(id || text || revision || edited) FROM note`), before)
	h.is("left again", notesOut(t, h.DB), out)

	e := newHouse(t, stats(t))
	e.now = h.now.Add(time.Hour)
	e.is("where nothing was", notesIn(t, e.DB, out), "13 new, 0 changed, 0 unchanged")
	e.is("left from there", notesOut(t, e.DB), out)
	e.is("again", notesIn(t, e.DB, out), "0 new, 0 changed, 13 unchanged")
	e.is("the audit trail", e.one(`SELECT count(*) || max(person) || max(address) FROM audit WHERE action = 'imported'`),
		"13zoe10.0.0.7")
	e.is("the history", e.one(`SELECT group_concat(revision || author || action) FROM note_revision WHERE note_id = 2`),
		"2zoeimported")
	e.is("a host without events", e.one(`SELECT spelling || events FROM host WHERE dest = 'web01'`), "web010")

	// Then the log comes: its spelling is the host's, and its events open the finding
	// that was closed without them.
	e.add("a", iis("WEB01", 0, 1, "/x"))
	e.is("the host", e.one(`SELECT group_concat(spelling || events) FROM host WHERE dest = 'web01'`), "WEB011")
	e.is("the finding", e.one(`SELECT status FROM finding WHERE dest = 'web01'`), fmt.Sprint(int(triage.New)))

	l := newHouse(t, stats(t))
	l.add("a", iis("WEB01", 0, 1, "/x"))
	l.is("where the log was", notesIn(t, l.DB, out), "13 new, 0 changed, 0 unchanged")
	l.is("its finding", l.one(`SELECT status FROM finding WHERE dest = 'web01'`), fmt.Sprint(int(triage.Closed)))
}

// table is a notes.csv of rows of the eight columns that make a note.
func table(rows ...string) string {
	return "note_id,dest,finding,author,created,edited,revision,note\r\n" + strings.Join(rows, "\r\n")
}

// TestNotesMeet: of a note the newer revision stands, whatever else has its number.
func TestNotesMeet(t *testing.T) {
	h := newHouse(t, stats(t))
	h.add("a", iis("web01", 0, 1, "/x"))
	_, err := h.AddNote(ctx, store.Note{Dest: "web01", Author: "anna", Text: "here"})
	h.ok(err)
	at := export.Time(base.Unix())
	row := func(id int, author, revision, text string) string {
		return fmt.Sprintf("%d,WEB01.,,%s,%s,%s,%s,%s", id, author, at, at, revision, text)
	}
	for _, step := range []struct{ file, comes, is string }{
		{row(1, "anna", "1", "here"), "0 new, 0 changed, 1 unchanged", "1 here 1"},
		{row(1, "anna", "3", "there"), "0 new, 1 changed, 0 unchanged", "1 there 3"},
		{row(1, "anna", "2", "older"), "0 new, 0 changed, 1 unchanged", "1 there 3"},
		{row(1, "anna", "3", "other"), "0 new, 0 changed, 0 unchanged; 2: Note 1 has revision 3 here too, with another " +
			"text. Edit one of the two.", "1 there 3"},
		{row(1, "bert", "1", "another"), "1 new, 0 changed, 0 unchanged", "1 there 3|2 another 1"},
		{row(1, "bert", "1", "another"), "0 new, 0 changed, 1 unchanged", "1 there 3|2 another 1"},
		{row(2, "bert", "1", "a third"), "0 new, 0 changed, 0 unchanged; 2: Note 2 has revision 1 here too, with another " +
			"text. Edit one of the two.", "1 there 3|2 another 1"},
		{row(2, "carl", "1", "fourth") + "\r\n" + row(9, "carl", "1", "fifth"), "2 new, 0 changed, 0 unchanged",
			"1 there 3|2 another 1|3 fourth 1|9 fifth 1"},
	} {
		h.is(step.file, notesIn(t, h.DB, table(step.file)), step.comes)
		h.is("after "+step.file, h.one(`SELECT group_concat(id || ' ' || text || ' ' || revision, '|') FROM note`), step.is)
	}
	h.ok(h.DeleteNote(ctx, 9, 1, "carl"))
	h.is("deleted here", notesIn(t, h.DB, table(row(9, "carl", "1", "fifth"))), "0 new, 0 changed, 1 unchanged")
	h.is("it stays so", h.one(`SELECT deleted FROM note WHERE id = 9`), "1")
	h.is("the history", h.one(`SELECT group_concat(revision || action || text) FROM note_revision WHERE note_id = 1`),
		"1writtenhere,3importedthere")
	h.is("hosts", h.one(`SELECT group_concat(dest) FROM host`), "web01")
}

// TestNotesRefused: rows that are no notes are named; a file that is none leaves
// nothing, and neither does one that breaks off.
func TestNotesRefused(t *testing.T) {
	h := newHouse(t, stats(t))
	const good = "1,web01,,anna,2025-12-15T00:00:00,2025-12-15T00:00:00,1,x"
	h.is("rows", notesIn(t, h.DB, table("0,a,,b,2025-12-15T00:00:00,2025-12-15T00:00:00,1,x", good,
		`2,a,,b,yesterday,2025-12-15T00:00:00,1,"x`+"\n"+`y"`, "3,,,b,2025-12-15T00:00:00,2025-12-15T00:00:00,1,x", "4,a",
		"5,a,, ,2025-12-15T00:00:00,2025-12-15T00:00:00,1,x", "6,a,,b,2025-12-15T00:00:00,2025-12-15T00:00:00,1, ")),
		"1 new, 0 changed, 0 unchanged; 2: note_id is no whole number from 1 to 1099511627776.; "+
			"4: created is no time as in 2025-12-15T00:00:00.; 6: dest is empty, or longer than 1000 bytes.; "+
			"7: The row has 2 cells, the first line 8.; 8: Type your name, so that others know who wrote the note.; "+
			"9: The note is empty. Write something, or delete the note.")
	again := strings.ReplaceAll(good, "1,web01", "7,web07")
	for file, says := range map[string]string{
		"": "This is no notes.csv", "a,b\r\n1,2": "does not name the columns note_id, dest",
		"note_id," + table(again):       "two columns note_id",
		table(again, `8,"x`):            "begins in line 3 of the file cannot be read: a quote is not closed",
		table(again, `8,"x"y,z`, again): "text after a closing quote",
	} {
		if got := notesIn(t, h.DB, file); !strings.Contains(got, says) {
			t.Errorf("%.40q: %s, want %q", file, got, says)
		}
	}
	broken := errors.New("the disk is gone")
	_, err := h.ImportNotes(ctx, func() iter.Seq2[store.NoteRow, error] {
		return func(yield func(store.NoteRow, error) bool) {
			for n, err := range export.ReadNotes(strings.NewReader(table(again))) {
				if !yield(n, err) {
					return
				}
			}
			yield(store.NoteRow{}, broken)
		}
	}())
	if !errors.Is(err, broken) {
		t.Errorf("a file that breaks off: %v", err)
	}
	h.is("whole or not at all", h.one(`SELECT group_concat(dest) FROM host`)+h.one(`SELECT count(*) FROM note`), "web011")
}

// TestNotesOrder: columns go by name, in any order, with others between them; triage
// that somebody decided stays.
func TestNotesOrder(t *testing.T) {
	h := filled(t)
	at := "2025-12-15T00:00:00"
	h.is("any order", notesIn(t, h.DB, "x,note,NOTE_ID,owner,status,revision,dest,finding,author,created,edited\n"+
		"y,'=1,77,olga,Pending,1,web02,,anna,"+at+","+at+"Z\n"+"y,two,78,olga,in progress,1,web03,,anna,"+at+","+at+"\n"),
		"2 new, 0 changed, 0 unchanged")
	h.is("the note", h.one(`SELECT text FROM note WHERE id = 77`), "=1")
	h.is("decided before", h.one(`SELECT owner || status FROM triage WHERE name = 'web02'`), "-owner0")
	h.is("not decided", h.one(`SELECT owner || status FROM triage WHERE name = 'web03'`), "olga1")
	h.is("told", h.one(`SELECT DISTINCT person || action FROM audit WHERE object = 'host web03'`), "zoeset")
	h.is("why", h.one(`SELECT DISTINCT author || why FROM triage_history WHERE name = 'web03'`), "zoeimport of notes")
}

// TestKnownNoteIsLookedForByNumber: a note that comes in is not compared with all notes of
// its host, which may be tens of thousands; nobody else could write for minutes.
func TestKnownNoteIsLookedForByNumber(t *testing.T) {
	h := newHouse(t, stats(t))
	d, err := sql.Open("sqlite", "file:"+h.Path()+"?mode=ro")
	h.ok(err)
	defer d.Close()
	plan, err := d.Query(`EXPLAIN QUERY PLAN `+db.KnownNote, 1, "web01", "anna", 0, 1)
	h.ok(err)
	defer plan.Close()
	said := ""
	for plan.Next() {
		var id, parent, unused int
		var detail string
		h.ok(plan.Scan(&id, &parent, &unused, &detail))
		said += detail + "\n"
	}
	h.ok(plan.Err())
	if !strings.Contains(said, "SEARCH note USING INTEGER PRIMARY KEY") || !strings.Contains(said, "note_origin") ||
		strings.Contains(said, "note_dest") || strings.Contains(said, "SCAN note") {
		t.Errorf("it is looked for so:\n%s", said)
	}
}
