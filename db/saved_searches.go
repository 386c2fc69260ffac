package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"escutcheon/fault"
	"escutcheon/store"
)

const savedSearchColumns = `id, revision, name, text, earliest, latest, columns, author, editor, created, edited`

func scanSavedSearch(row interface{ Scan(...any) error }) (s store.SavedSearch, err error) {
	var created, edited int64
	err = row.Scan(&s.ID, &s.Revision, &s.Name, &s.Text, &s.Earliest, &s.Latest, &s.Columns, &s.Author, &s.Editor,
		&created, &edited)
	s.Created, s.Edited = fromNanos(created), fromNanos(edited)
	return s, err
}

// SavedSearches returns the searches that are kept, by name.
func (d *DB) SavedSearches(ctx context.Context) (out []store.SavedSearch, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		s, err := scanSavedSearch(r)
		out = append(out, s)
		return err
	}, `SELECT `+savedSearchColumns+` FROM saved_search WHERE deleted = 0 ORDER BY name COLLATE NOCASE, id`)
	return out, err
}

// SavedSearch returns one, and whether it has been deleted.
func (d *DB) SavedSearch(ctx context.Context, id int64) (s store.SavedSearch, deleted bool, err error) {
	s, err = scanSavedSearch(d.r.QueryRowContext(ctx, `SELECT `+savedSearchColumns+` FROM saved_search
		WHERE id = ? AND deleted = 0`, id))
	if errors.Is(err, sql.ErrNoRows) {
		deleted = true
		s, err = scanSavedSearch(d.r.QueryRowContext(ctx, `SELECT `+savedSearchColumns+` FROM saved_search
			WHERE id = ?`, id))
	}
	if errors.Is(err, sql.ErrNoRows) {
		return s, false, noSavedSearch(id)
	}
	return s, deleted, err
}

func noSavedSearch(id int64) error {
	return fault.New(fault.NotFound, "There is no saved search %d any more.", id)
}

func checkSavedSearch(s store.SavedSearch) error {
	const long = "The %s is longer than %d bytes. Type a shorter one."
	switch {
	case s.Name == "":
		return fault.New(fault.Invalid, "Give the search a name to choose it by.")
	case strings.TrimSpace(s.Text) == "":
		return fault.New(fault.Invalid, "The search is empty: there is nothing to save.")
	case s.Editor == "":
		return fault.New(fault.Invalid, "Sign the search with your name, so that others know whom to ask.")
	case len(s.Editor) > store.MaxAuthor:
		return fault.New(fault.Invalid, "Your name is longer than %d bytes. Type a shorter one.", store.MaxAuthor)
	case len(s.Name) > store.MaxSearchName:
		return fault.New(fault.Invalid, long, "name", store.MaxSearchName)
	case len(s.Text) > store.MaxSearchText:
		return fault.New(fault.Invalid, long, "search", store.MaxSearchText)
	case len(s.Earliest) > store.MaxSearchTime || len(s.Latest) > store.MaxSearchTime:
		return fault.New(fault.Invalid, long, "time", store.MaxSearchTime)
	case len(s.Columns) > store.MaxSearchWidth:
		return fault.New(fault.Invalid, long, "list of columns", store.MaxSearchWidth)
	}
	return nil
}

// KeepSearch stores a new search of s.Editor, or what has become of the one with
// s.ID at s.Revision; any other revision is a conflict and changes nothing. It
// returns it as it is then.
func (d *DB) KeepSearch(ctx context.Context, s store.SavedSearch) (out store.SavedSearch, err error) {
	defer fault.Wrap(&err, "keep search")
	if s.Name = strings.TrimSpace(s.Name); s.ID == 0 {
		s.Author = s.Editor
	}
	if err := checkSavedSearch(s); err != nil {
		return s, err
	}
	return out, d.write(ctx, func(t *tx) error {
		var all, named int
		if err := t.get(`SELECT count(*), count(CASE WHEN name = ? AND id <> ? THEN 1 END) FROM saved_search
			WHERE deleted = 0`, []any{s.Name, s.ID}, &all, &named); err != nil {
			return err
		}
		switch {
		case named > 0:
			return fault.New(fault.Invalid, "There is a search %q already. Choose another name, or change that one.", s.Name)
		case s.ID == 0 && all >= store.MaxSearches:
			return fault.New(fault.Invalid, "There are %d saved searches. Delete one first.", all)
		}
		now, action, was := d.now().UnixNano(), "written", store.SavedSearch{}
		if s.ID != 0 {
			action = "edited"
			if was, err = searchByID(t, s.ID); err != nil {
				return err
			}
		}
		if s.ID == 0 {
			err = t.get(`INSERT INTO saved_search (revision, name, text, earliest, latest, columns, author, editor, created,
				edited) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, []any{s.Name, s.Text, s.Earliest, s.Latest,
				s.Columns, s.Author, s.Editor, now, now}, &s.ID)
		} else {
			err = searchAt(t, s.ID, s.Revision, `UPDATE saved_search SET revision = revision + 1, name = ?, text = ?,
				earliest = ?, latest = ?, columns = ?, editor = ?, edited = ? WHERE id = ?`, s.Name, s.Text, s.Earliest,
				s.Latest, s.Columns, s.Editor, now, s.ID)
		}
		if err != nil {
			return err
		}
		if err := auditSearch(t, auditRow{Person: s.Editor, Action: action}, s.ID, was, s); err != nil {
			return err
		}
		out, err = searchByID(t, s.ID)
		return err
	})
}

func searchByID(t *tx, id int64) (store.SavedSearch, error) {
	s, err := scanSavedSearch(t.QueryRowContext(t.ctx, `SELECT `+savedSearchColumns+` FROM saved_search WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = noSavedSearch(id)
	}
	return s, err
}

// auditSearch tells what has become of a search.
func auditSearch(t *tx, row auditRow, id int64, was, is store.SavedSearch) error {
	row.Object = fmt.Sprintf("search %d", id)
	return t.auditFields(row, fieldChange{"name", was.Name, is.Name}, fieldChange{"text", was.Text, is.Text},
		fieldChange{"earliest", was.Earliest, is.Earliest}, fieldChange{"latest", was.Latest, is.Latest},
		fieldChange{"columns", was.Columns, is.Columns})
}

// searchAt runs a statement on a search that is at a revision.
func searchAt(t *tx, id, revision int64, statement string, args ...any) error {
	s, err := scanSavedSearch(t.QueryRowContext(t.ctx, `SELECT `+savedSearchColumns+` FROM saved_search
		WHERE id = ? AND deleted = 0`, id))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return noSavedSearch(id)
	case err != nil:
		return err
	case s.Revision != revision:
		return fault.New(fault.Conflict, "%s has changed this search since you opened it: you had revision %d, it is at %d.",
			s.Editor, revision, s.Revision)
	}
	_, err = t.exec(statement, args...)
	return err
}

// DeleteSearch deletes a search at a revision; any other is a conflict. It can be
// restored until as many others as are kept have been deleted after it.
func (d *DB) DeleteSearch(ctx context.Context, id, revision int64) (err error) {
	defer fault.Wrap(&err, "delete search %d", id)
	return d.write(ctx, func(t *tx) error {
		if err := searchAt(t, id, revision, `UPDATE saved_search SET deleted = ? WHERE id = ?`,
			d.now().UnixNano(), id); err != nil {
			return err
		}
		was, err := searchByID(t, id)
		if err == nil {
			err = auditSearch(t, auditRow{Action: "deleted"}, id, was, store.SavedSearch{})
		}
		if err != nil {
			return err
		}
		_, err = t.exec(`DELETE FROM saved_search WHERE deleted <> 0 AND id NOT IN (SELECT id FROM saved_search
			WHERE deleted <> 0 ORDER BY deleted DESC, id DESC LIMIT ?)`, store.MaxSearches)
		return err
	})
}

// RestoreSearch brings a deleted search back; a conflict where another has its name
// by now. One that is not deleted stays as it is.
func (d *DB) RestoreSearch(ctx context.Context, id int64) (err error) {
	defer fault.Wrap(&err, "restore search %d", id)
	return d.write(ctx, func(t *tx) error {
		var known, named, all int
		if err := t.get(`SELECT (SELECT count(*) FROM saved_search WHERE id = ?1), (SELECT count(*) FROM saved_search
			WHERE deleted = 0 AND id <> ?1 AND name = (SELECT name FROM saved_search WHERE id = ?1)),
			(SELECT count(*) FROM saved_search WHERE deleted = 0)`, []any{id}, &known, &named, &all); err != nil {
			return err
		}
		switch {
		case known == 0:
			return noSavedSearch(id)
		case named > 0:
			return fault.New(fault.Conflict, "Another search has this one's name by now. Rename that first.")
		case all >= store.MaxSearches:
			return fault.New(fault.Invalid, "There are %d saved searches. Delete one first.", all)
		}
		res, err := t.exec(`UPDATE saved_search SET deleted = 0 WHERE id = ? AND deleted <> 0`, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		s, err := searchByID(t, id)
		if err != nil {
			return err
		}
		return auditSearch(t, auditRow{Action: "restored"}, id, store.SavedSearch{}, s)
	})
}
