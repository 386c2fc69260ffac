package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

	"escutcheon/fault"
	"escutcheon/store"
)

func checkNote(author, text string) error {
	switch {
	case strings.TrimSpace(author) == "":
		return fault.New(fault.Invalid, "Type your name, so that others know who wrote the note.")
	case len(author) > store.MaxAuthor:
		return fault.New(fault.Invalid, "That name is longer than %d bytes. Type a shorter one.", store.MaxAuthor)
	case strings.TrimSpace(text) == "":
		return fault.New(fault.Invalid, "The note is empty. Write something, or delete the note.")
	case len(text) > store.MaxNote:
		return fault.New(fault.Invalid, "The note is longer than %d bytes. Split it into several.", store.MaxNote)
	}
	return nil
}

// AddNote stores a new note of n.Dest, n.Finding, n.Author and n.Text.
func (d *DB) AddNote(ctx context.Context, n store.Note) (id int64, err error) {
	defer fault.Wrap(&err, "add note")
	if err := checkNote(n.Author, n.Text); err != nil {
		return 0, err
	}
	err = d.write(ctx, func(t *tx) error {
		if err := noteTarget(ctx, t, n); err != nil {
			return err
		}
		id, err = insertNote(ctx, t, n, d.now().UnixNano())
		return err
	})
	return id, err
}

func insertNote(ctx context.Context, t *tx, n store.Note, now int64) (id int64, err error) {
	res, err := t.exec(`INSERT INTO note (dest, finding, author, editor, created, edited, revision, text)
		VALUES (?, ?, ?, ?, ?, ?, 1, ?)`, n.Dest, n.Finding, n.Author, n.Author, now, now, n.Text)
	if err != nil {
		return 0, err
	}
	if id, err = res.LastInsertId(); err != nil {
		return 0, err
	}
	if err := t.auditFields(auditRow{Person: n.Author, Action: "written", Object: noteObject(id)},
		fieldChange{"dest", "", n.Dest}, fieldChange{"finding", "", n.Finding}, fieldChange{"text", "", n.Text}); err != nil {
		return 0, err
	}
	return id, addRevision(ctx, t, id, 1, n.Author, now, "written", n.Text)
}

func noteObject(id int64) string { return fmt.Sprintf("note %d", id) }

// noteTarget refuses a note on a host or a finding that is not there.
func noteTarget(ctx context.Context, t *tx, n store.Note) error {
	var hosts, findings int
	err := t.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM host WHERE dest = ?), (SELECT count(*) FROM finding
		WHERE key = ? AND dest = ?)`,
		n.Dest, n.Finding, n.Dest).Scan(&hosts, &findings)
	switch {
	case err != nil:
		return err
	case hosts == 0:
		return fault.New(fault.NotFound, "No log of a host %q has been imported.", n.Dest)
	case n.Finding != "" && findings == 0:
		return fault.New(fault.Invalid, "Host %q has no finding %q. Choose one of its own, or none.", n.Dest, n.Finding)
	}
	return nil
}

func addRevision(ctx context.Context, t *tx, id, revision int64, author string, at int64, action,
	text string) error {
	_, err := t.exec(`INSERT INTO note_revision (note_id, revision, author, at, action, text) VALUES (?, ?,
		?, ?, ?, ?)`,
		id, revision, author, at, action, text)
	return err
}

// EditNote replaces the text of the note whose newest revision is the one
// given. Any other revision is a conflict and changes nothing.
func (d *DB) EditNote(ctx context.Context, id, revision int64, author, text string) (err error) {
	defer fault.Wrap(&err, "edit note %d", id)
	if err := checkNote(author, text); err != nil {
		return err
	}
	return d.reviseNote(ctx, id, revision, author, "edited", text)
}

// DeleteNote strikes out the note whose newest revision is the one given; its
// history stays. Any other revision is a conflict and changes nothing.
func (d *DB) DeleteNote(ctx context.Context, id, revision int64, author string) (err error) {
	defer fault.Wrap(&err, "delete note %d", id)
	if err := checkNote(author, "-"); err != nil {
		return err
	}
	return d.reviseNote(ctx, id, revision, author, "deleted", "")
}

func (d *DB) reviseNote(ctx context.Context, id, revision int64, author, action, text string) error {
	return d.write(ctx, func(t *tx) error {
		n, err := scanNote(t.QueryRowContext(ctx, `SELECT `+noteColumns+` FROM note WHERE id = ?`, id))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return fault.New(fault.NotFound, "There is no note %d.", id)
		case err != nil:
			return err
		case n.Deleted:
			return fault.New(fault.Conflict, "This note has been deleted since you opened it.")
		case n.Revision != revision:
			return fault.New(fault.Conflict, "This note has been edited since you opened it: you had revision %d, it is at %d.",
				revision, n.Revision)
		}
		if action == "deleted" {
			text = n.Text
		}
		now := d.now().UnixNano()
		if _, err := t.exec(`UPDATE note SET editor = ?, edited = ?, revision = revision + 1, text = ?,
			deleted = ? WHERE id = ?`,
			author, now, text, action == "deleted", id); err != nil {
			return err
		}
		is := text
		if action == "deleted" {
			is = ""
		}
		if err := t.audit(auditRow{Person: author, Action: action, Object: noteObject(id), Field: "text", Old: n.Text,
			New: is}); err != nil {
			return err
		}
		return addRevision(ctx, t, id, revision+1, author, now, action, text)
	})
}

// noteColumns are those of a note, and whether it and its newest revision say the same.
const noteColumns = `id, dest, finding, author, editor, created, edited, revision, text, deleted,
	ifnull((SELECT r.text = note.text AND (r.action = 'deleted') = note.deleted FROM note_revision r
		WHERE r.note_id = note.id AND r.revision = note.revision), 0)`

// damagedNote is shown in a note's place.
const damagedNote = "This note is damaged: it and its newest revision differ. \"escutcheon check\" names what is " +
	"damaged; its history has what was written."

func scanNote(row interface{ Scan(...any) error }) (store.Note, error) {
	var n store.Note
	var created, edited int64
	var whole bool
	err := row.Scan(&n.ID, &n.Dest, &n.Finding, &n.Author, &n.Editor, &created, &edited, &n.Revision, &n.Text, &n.Deleted,
		&whole)
	if !whole {
		n.Text = damagedNote
	}
	n.Created, n.Edited = fromNanos(created), fromNanos(edited)
	return n, err
}

// NoteByID returns one note, deleted or not.
func (d *DB) NoteByID(ctx context.Context, id int64) (store.Note, error) {
	n, err := scanNote(d.r.QueryRowContext(ctx, `SELECT `+noteColumns+` FROM note WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return n, fault.New(fault.NotFound, "There is no note %d.", id)
	}
	return n, err
}

// NotesOf returns the notes of a dest, newest first, deleted ones included.
func (d *DB) NotesOf(ctx context.Context, dest string) (out []store.Note, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		n, err := scanNote(r)
		out = append(out, n)
		return err
	}, `SELECT `+noteColumns+` FROM note WHERE dest = ?1 OR dest IN `+aliasesOf+` ORDER BY id DESC`, dest)
	return out, err
}

// Revisions returns the history of the notes of a dest, by note, oldest first.
func (d *DB) Revisions(ctx context.Context, dest string) (map[int64][]store.NoteRevision, error) {
	out := map[int64][]store.NoteRevision{}
	err := d.rows(ctx, func(r *sql.Rows) error {
		var id, at int64
		var v store.NoteRevision
		err := r.Scan(&id, &v.Revision, &v.Author, &at, &v.Action, &v.Text)
		v.At = fromNanos(at)
		out[id] = append(out[id], v)
		return err
	}, `SELECT v.note_id, v.revision, v.author, v.at, v.action, v.text FROM note_revision v
		JOIN note n ON n.id = v.note_id WHERE n.dest = ?1 OR n.dest IN `+aliasesOf+`
		ORDER BY v.note_id, v.revision`, dest)
	return out, err
}

// Notes streams the notes that are not deleted, of one dest or (dest "") of
// all, in the order of their ids' text, which is that of the bytes of the CSV.
func (d *DB) Notes(ctx context.Context, dest string) iter.Seq2[store.Note, error] {
	return stream(ctx, d, byNumber{table: "note", cols: noteColumns, args: []any{dest, dest},
		ids: notesOut},
		func(r *sql.Rows) (store.Note, error) { return scanNote(r) })
}
