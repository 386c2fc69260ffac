package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
)

// NoteRows streams the notes that are not deleted, as Notes does, each with the triage
// of its finding and the evidence of it, or without one of its host.
func (d *DB) NoteRows(ctx context.Context, dest string) iter.Seq2[store.NoteRow, error] {
	const of = `iif(note.finding = '', 'host', 'finding')`
	const name = `iif(note.finding = '', note.dest, note.finding)`
	return stream(ctx, d, byNumber{table: "note", args: []any{dest, dest},
		cols: noteColumns + `, (SELECT json_array(` + triageColumns + `) FROM triage WHERE kind = ` + of + ` AND name = ` +
			name + `), CASE note.finding WHEN '' THEN (SELECT group_concat(pin.id, ' ' ORDER BY pin.id) FROM pin
				WHERE pin.dest = note.dest)
			ELSE (SELECT group_concat(pin.id, ' ' ORDER BY pin.id) FROM pin
				WHERE pin.kind = 'finding' AND pin.ref = note.finding) END`,
		ids: notesOut}, scanNoteRow)
}

// notesOut are the numbers of the notes that leave, in the order of their text.
const notesOut = `SELECT id FROM note WHERE deleted = 0 AND (? = '' OR dest = ?) ORDER BY CAST(id AS TEXT)`

func scanNoteRow(r *sql.Rows) (n store.NoteRow, err error) {
	var packed []byte
	var pins sql.NullString
	if n.Note, err = scanNote(withExtra{r, []any{&packed, &pins}}); err != nil {
		return n, err
	}
	for _, p := range strings.Fields(pins.String) {
		id, err := strconv.ParseInt(p, 10, 64)
		if err != nil {
			return n, err
		}
		n.Evidence = append(n.Evidence, id)
	}
	n.Triage, err = unpackTriage(packed)
	return n, err
}

// notesImport is an import of notes under way.
type notesImport struct {
	*tx
	by   string // who imports
	now  int64
	done *store.NotesImported
}

// ImportNotes takes in notes that left this database or another one, all of them in one
// transaction; an error among the rows leaves nothing. A note is known by number,
// second of creation, author and dest, and the newer revision of it stands. Where
// another note has its number it gets a new one. A host that is not known here has a
// row without events from then on, as one whose logs were deleted. The triage of a
// note that is new or changed is taken where there is none. Rows that cannot be taken
// are named, and left out.
func (d *DB) ImportNotes(ctx context.Context, rows iter.Seq2[store.NoteRow, error]) (done store.NotesImported,
	err error) {
	defer fault.Wrap(&err, "import notes")
	by := store.ActorOf(ctx).Person
	if err := checkName(by); err != nil {
		return done, err
	}
	err = d.writeLarge(ctx, func(t *tx) error {
		done = store.NotesImported{Refused: []store.RefusedLine{}}
		i := &notesImport{tx: t, by: by, now: d.now().UnixNano(), done: &done}
		for n, err := range rows {
			if err == nil {
				err = i.take(n)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	d.seen.lately.forget()
	if err != nil {
		return store.NotesImported{}, err
	}
	return done, nil
}

// take takes in one row.
func (i *notesImport) take(n store.NoteRow) error {
	if n.Wrong == "" {
		n.Wrong = wrongNote(&n)
	}
	if n.Wrong != "" {
		i.refuse(n.Line, n.Wrong)
		return nil
	}
	was, err := i.known(&n.Note)
	switch {
	case err != nil:
		return err
	case was.ID == 0:
		return i.insert(&n)
	case was.Revision > n.Revision, was.Revision == n.Revision && was.Text == n.Text && was.Finding == n.Finding:
		i.done.Unchanged++
		return nil
	case was.Revision == n.Revision:
		i.refuse(n.Line, fmt.Sprintf("Note %d has revision %d here too, with another text. Edit one of the two.", was.ID,
			was.Revision))
		return nil
	}
	return i.change(was, &n)
}

func (i *notesImport) refuse(line int64, why string) {
	if len(i.done.Refused) == store.MaxRefused {
		i.done.More++
		return
	}
	i.done.Refused = append(i.done.Refused, store.RefusedLine{Line: line, Reason: why})
}

// wrongNote says why a note cannot be taken, or "".
func wrongNote(n *store.NoteRow) string {
	if err := cmp.Or(checkNote(n.Author, n.Text), checkName(n.Triage.Owner), checkName(n.Editor)); err != nil {
		return fault.Sentence(err)
	}
	switch {
	case n.Dest == "" || len(n.Dest) > maxDest:
		return fmt.Sprintf("dest is empty, or longer than %d bytes.", maxDest)
	case len(n.Finding) > maxDest:
		return "finding is no finding's id."
	}
	return ""
}

// maxDest is the greatest length of a dest that a note brings along.
const maxDest = 1000

// knownNote finds a note by its number alone: a host may have any number of notes.
const knownNote = `SELECT ` + noteColumns + ` FROM note WHERE (id = ?1 OR origin = ?1)
	AND +dest = ?2 AND author = ?3 AND created >= ?4 AND created < ?5 ORDER BY id <> ?1 LIMIT 1`

// known is the note that a row is of; its number is 0 where there is none.
func (i *notesImport) known(n *store.Note) (store.Note, error) {
	from := n.Created.Truncate(time.Second).UnixNano()
	was, err := scanNote(i.QueryRowContext(i.ctx, knownNote, n.ID, n.Dest, n.Author, from, from+int64(time.Second)))
	if errors.Is(err, sql.ErrNoRows) {
		return store.Note{}, nil
	}
	return was, err
}

func (i *notesImport) insert(n *store.NoteRow) error {
	if err := i.putHost(n.Dest, n.Dest); err != nil {
		return err
	}
	var id int64
	if err := i.get(`INSERT INTO note (id, origin, dest, finding, author, editor, created, edited, revision, text)
		SELECT iif(taken, NULL, ?1), iif(taken, ?1, NULL), ?2, ?3, ?4, ?9, ?5, ?6, ?7, ?8
		FROM (SELECT EXISTS (SELECT 1 FROM note WHERE id = ?1) AS taken) RETURNING id`, []any{n.ID, n.Dest, n.Finding,
		n.Author, n.Created.UnixNano(), n.Edited.UnixNano(), n.Revision, n.Text,
		cmp.Or(n.Editor, n.Author)}, &id); err != nil {
		return err
	}
	i.done.New++
	return i.told(id, "", n)
}

func (i *notesImport) change(was store.Note, n *store.NoteRow) error {
	if _, err := i.exec(`UPDATE note SET finding = ?, editor = ?, edited = ?, revision = ?, text = ?, deleted = 0
		WHERE id = ?`, n.Finding, cmp.Or(n.Editor, n.Author), n.Edited.UnixNano(), n.Revision, n.Text, was.ID); err != nil {
		return err
	}
	i.done.Changed++
	return i.told(was.ID, was.Text, n)
}

// told notes in the history, and in the audit trail, what came.
func (i *notesImport) told(id int64, was string, n *store.NoteRow) error {
	if err := addRevision(i.ctx, i.tx, id, n.Revision, cmp.Or(i.by, n.Author), i.now, "imported", n.Text); err != nil {
		return err
	}
	if err := i.audit(auditRow{Action: "imported", Object: fmt.Sprintf("note %d", id), Field: "text", Old: was,
		New: n.Text}); err != nil {
		return err
	}
	return i.triage(n)
}

// triage takes the triage that came with a note, where nobody has decided anything.
func (i *notesImport) triage(n *store.NoteRow) error {
	o, kind := decided{name: n.Finding, dest: n.Dest}, store.OfFinding
	if n.Finding == "" {
		o.name, kind = n.Dest, store.OfHost
	}
	is, err := triageOf(i.ctx, i.tx, kind, o.name)
	if err != nil || is.Revision > 0 {
		return err
	}
	c := store.TriageChange{Author: i.by, Status: &n.Triage.Status, Disposition: &n.Triage.Disposition,
		Owner: &n.Triage.Owner}
	s := &triaging{tx: i.tx, c: &c, kind: kind, why: "import of notes", now: i.now}
	s.apply(&o)
	return s.write()
}
