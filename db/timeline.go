package db

import (
	"context"
	"database/sql"

	"escutcheon/store"
)

// StatusSteps are the changes of status of a dest and of its findings in (after,
// upTo] in seconds, the newest so many, oldest first.
func (d *DB) StatusSteps(ctx context.Context, dest string, after, upTo int64, most int) (out []store.StatusStep,
	err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var s store.StatusStep
		var at int64
		err := r.Scan(&at, &s.Kind, &s.New, &s.Author, &s.Count)
		s.At = fromNanos(at)
		out = append(out, s)
		return err
	}, `SELECT * FROM (SELECT at, kind, new, author, n FROM status_step WHERE (dest = ?1 OR dest IN `+aliasesOf+`) AND at >= ?2
		AND at < ?3 ORDER BY at DESC LIMIT ?4) ORDER BY at`, dest, endOf(after), endOf(upTo), most)
	return out, err
}

// NotesBetween are the notes of a dest that were written in (after, upTo] in
// seconds and stand, without their text: the newest so many, oldest first.
func (d *DB) NotesBetween(ctx context.Context, dest string, after, upTo int64, most int) (out []store.Note, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		n := store.Note{Dest: dest}
		var at int64
		err := r.Scan(&n.ID, &n.Author, &at)
		n.Created = fromNanos(at)
		out = append(out, n)
		return err
	}, `SELECT * FROM (SELECT id, author, created FROM note WHERE (dest = ?1 OR dest IN `+aliasesOf+`) AND deleted = 0
		AND created >= ?2 AND created < ?3 ORDER BY created DESC, id DESC LIMIT ?4) ORDER BY created, id`, dest, endOf(after), endOf(upTo), most)
	return out, err
}
