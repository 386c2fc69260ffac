package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/csvsafe"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/triage"
)

// NotesHeader are the columns of the notes table. Those of the first eight make a
// note; the others say how its finding stood, or without one its host.
var NotesHeader = []string{"note_id", "dest", "finding", "author", "created", "edited", "revision", "note",
	"status", "disposition", "owner", "evidence"}

// noteColumns is how many columns make a note.
const noteColumns = 8

// maxNoteRow bounds a row that comes back, in bytes: a note with its escapes, and a
// long list of evidence.
const maxNoteRow = 4 << 20

// NotesCSV writes the notes of a dest, or (dest "") of all. Cells have csvsafe's
// exact guards, so that each text comes back as it was.
func NotesCSV(ctx context.Context, w io.Writer, from Store, dest string) error {
	return NoteTable(w, from.NoteRows(ctx, dest))
}

// NoteTable is NotesCSV of any notes.
func NoteTable(w io.Writer, rows iter.Seq2[store.NoteRow, error]) error {
	out, err := csvsafe.NewWriter(w, NotesHeader...)
	if err != nil {
		return err
	}
	out.Exactly()
	return writeRows(out, rows, NoteCells)
}

// NoteCells are the cells of a note.
func NoteCells(n store.NoteRow) []string {
	pins := make([]string, len(n.Evidence))
	for i, id := range n.Evidence {
		pins[i] = strconv.FormatInt(id, 10)
	}
	return []string{strconv.FormatInt(n.ID, 10), n.Dest, n.Finding, n.Author, Time(n.Created.Unix()),
		Time(n.Edited.Unix()), strconv.FormatInt(n.Revision, 10), n.Text,
		n.Triage.Status.String(), n.Triage.Disposition.String(), n.Triage.Owner, strings.Join(pins, " ")}
}

// ReadNotes yields the notes of a table that NotesCSV wrote, now or before it had all
// of its columns, in any order of columns. A row that is no note is yielded with what
// is wrong with it; a file that is no such table is an error with a sentence.
func ReadNotes(r io.Reader) iter.Seq2[store.NoteRow, error] {
	return func(yield func(store.NoteRow, error) bool) {
		rows := csvsafe.NewReader(r, maxNoteRow)
		at, width, err := noteHeader(rows)
		if err != nil {
			yield(store.NoteRow{}, err)
			return
		}
		for {
			cells, err := rows.Row()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(store.NoteRow{}, brokenNotes(rows, err))
				return
			}
			if !yield(noteOf(rows.Line(), cells, at, width), nil) {
				return
			}
		}
	}
}

// noteHeader says where each column stands, -1 where it does not.
func noteHeader(rows *csvsafe.Reader) (at []int, width int, err error) {
	head, err := rows.Row()
	if err != nil && err != io.EOF {
		return nil, 0, brokenNotes(rows, err)
	}
	at = make([]int, len(NotesHeader))
	var missing []string
	for i, name := range NotesHeader {
		is := func(cell string) bool { return strings.EqualFold(strings.TrimSpace(cell), name) }
		at[i] = slices.IndexFunc(head, is)
		switch {
		case at[i] < 0 && i < noteColumns:
			missing = append(missing, name)
		case at[i] >= 0 && slices.IndexFunc(head[at[i]+1:], is) >= 0:
			return nil, 0, fault.New(fault.Invalid, "The file has two columns %s. Export the notes again as notes.csv.", name)
		}
	}
	if len(missing) > 0 {
		return nil, 0, fault.New(fault.Invalid, "This is no notes.csv: its first line does not name the columns %s. "+
			"Choose a file that was exported as notes.csv, with commas between its columns.", strings.Join(missing, ", "))
	}
	return at, len(head), nil
}

func brokenNotes(rows *csvsafe.Reader, err error) error {
	if !errors.Is(err, csvsafe.ErrRow) {
		return err
	}
	why := strings.TrimPrefix(err.Error(), csvsafe.ErrRow.Error()+": ")
	return fault.New(fault.Invalid, "The row that begins in line %d of the file cannot be read: %s. Nothing was imported.",
		rows.Line(), why)
}

// noteOf is the note of a row.
func noteOf(line int64, cells []string, at []int, width int) store.NoteRow {
	n := store.NoteRow{Line: line}
	if len(cells) != width {
		n.Wrong = fmt.Sprintf("The row has %d cells, the first line %d.", len(cells), width)
		return n
	}
	cell := func(name string) string {
		i := at[slices.Index(NotesHeader, name)]
		if i < 0 {
			return ""
		}
		return csvsafe.Plain(strings.ToValidUTF8(cells[i], "\uFFFD"))
	}
	refuse := func(format string, args ...any) {
		if n.Wrong == "" {
			n.Wrong = fmt.Sprintf(format, args...)
		}
	}
	number := func(name string, most int64) int64 {
		v, err := strconv.ParseInt(strings.TrimSpace(cell(name)), 10, 64)
		if err != nil || v < 1 || v > most {
			refuse("%s is no whole number from 1 to %d.", name, most)
		}
		return v
	}
	moment := func(name string) time.Time {
		text := strings.TrimSuffix(strings.TrimSpace(cell(name)), "Z")
		t, err := time.Parse("2006-01-02T15:04:05", text)
		if err != nil || t.Year() < 1970 || t.Year() > 2200 {
			refuse("%s is no time as in 2025-12-15T00:00:00.", name)
		}
		return t.Truncate(time.Second)
	}
	n.ID, n.Revision = number("note_id", store.MaxNoteID), number("revision", 1<<31)
	n.Created, n.Edited = moment("created"), moment("edited")
	n.Dest, n.Finding, n.Author, n.Text = event.NormalizeHost(cell("dest")), cell("finding"), cell("author"), cell("note")
	var known bool
	if s := cell("status"); s != "" {
		if n.Triage.Status, known = triage.ParseStatus(s); !known {
			refuse("There is no status of that name.")
		}
	}
	if s := cell("disposition"); s != "" {
		if n.Triage.Disposition, known = triage.ParseDisposition(s); !known {
			refuse("There is no disposition of that name.")
		}
	}
	n.Triage.Owner = cell("owner")
	return n
}
