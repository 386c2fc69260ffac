package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"escutcheon/export"
	"escutcheon/fault"
)

// notes prints the notes, or takes in those of a file.
func notes(ctx context.Context, e *env, args []string) (int, error) {
	fs, path := flags("notes")
	dest := fs.String("dest", "", "only this `host`")
	format := fs.String("format", "csv", "csv or json")
	from := fs.String("import", "", "take in the notes of this `file`, a notes.csv")
	if _, err := parse(e, fs, args, 0); err != nil {
		return 0, err
	}
	if *from != "" {
		return importNotes(ctx, e, *path, *from)
	}
	q, err := openQuery(ctx, e, *path, "", *dest, *format, "csv", "json")
	if err != nil {
		return 0, err
	}
	defer q.store.Close()
	if err := q.exported(ctx, "notes", "dest", q.dest); err != nil {
		return 0, err
	}
	if q.format == "csv" {
		return exitDone, export.NotesCSV(ctx, e.stdout, q.store, q.dest)
	}
	j := newArray(e.stdout)
	for n, err := range q.store.NoteRows(ctx, q.dest) {
		if err != nil {
			return 0, err
		}
		j.add(object(export.NotesHeader, export.NoteCells(n), map[string]any{"note_id": n.ID, "revision": n.Revision}))
	}
	return exitDone, j.end()
}

// importNotes takes in a notes.csv. The database may be a new one.
func importNotes(ctx context.Context, e *env, path, from string) (code int, err error) {
	f, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fault.New(fault.NotFound, "There is no file %q.", from)
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	store, _, err := openStore(ctx, e, path, nil)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	done, err := store.ImportNotes(ctx, export.ReadNotes(f))
	if err != nil {
		return 0, err
	}
	for _, r := range done.Refused {
		fmt.Fprintf(e.stderr, "line %d: %s\n", r.Line, printable(r.Reason))
	}
	refused := int64(len(done.Refused)) + done.More
	if _, err := fmt.Fprintf(e.stdout, "%d new, %d changed, %d unchanged, %d refused\n", done.New, done.Changed,
		done.Unchanged, refused); err != nil {
		return 0, err
	}
	if refused > 0 {
		return exitRejected, nil
	}
	return exitDone, nil
}
