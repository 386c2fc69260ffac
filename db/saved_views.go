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

// SavedViews returns the views of a list, by name.
func (d *DB) SavedViews(ctx context.Context, list string) (out []store.SavedView, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var v store.SavedView
		var created int64
		err := r.Scan(&v.ID, &v.List, &v.Name, &v.Query, &v.Author, &created)
		v.Created = fromNanos(created)
		out = append(out, v)
		return err
	}, `SELECT id, list, name, query, author, created FROM saved_view WHERE list = ? ORDER BY name, id`, list)
	return out, err
}

// SaveView stores a view of a list, in the place of the one of that name if there
// is one, and returns its number.
func (d *DB) SaveView(ctx context.Context, v store.SavedView) (id int64, err error) {
	defer fault.Wrap(&err, "save view")
	switch v.Name = strings.TrimSpace(v.Name); {
	case v.Name == "":
		return 0, fault.New(fault.Invalid, "Give the view a name to choose it by.")
	case v.Author == "":
		return 0, fault.New(fault.Invalid, "Sign the view with your name, so that others know whom to ask.")
	case len(v.Name) > store.MaxViewName || len(v.Author) > store.MaxAuthor:
		return 0, fault.New(fault.Invalid, "That name is longer than %d bytes. Type a shorter one.", store.MaxViewName)
	case len(v.Query) > store.MaxViewQuery:
		return 0, fault.New(fault.Invalid, "The view's filters are longer than %d bytes. Remove some.", store.MaxViewQuery)
	}
	return id, d.write(ctx, func(t *tx) error {
		var others int
		if err := t.get(`SELECT count(*) FROM saved_view WHERE list = ? AND name <> ?`, []any{v.List, v.Name},
			&others); err != nil {
			return err
		}
		if others >= store.MaxViews {
			return fault.New(fault.Invalid, "There are %d views of this list. Delete one first.", others)
		}
		was := store.SavedView{}
		if err := t.get(`SELECT query FROM saved_view WHERE list = ? AND name = ?`, []any{v.List, v.Name},
			&was.Query); err == nil {
			was.List, was.Name = v.List, v.Name
		} else if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := t.get(`INSERT INTO saved_view (list, name, query, author, created) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (list, name) DO UPDATE SET query = excluded.query, author = excluded.author,
				created = excluded.created RETURNING id`,
			[]any{v.List, v.Name, v.Query, v.Author, d.now().UnixNano()}, &id); err != nil {
			return err
		}
		return auditView(t, auditRow{Person: v.Author, Action: "saved"}, id, was, v)
	})
}

// DeleteView deletes a view.
func (d *DB) DeleteView(ctx context.Context, id int64) error {
	return d.write(ctx, func(t *tx) error {
		var was store.SavedView
		err := t.get(`DELETE FROM saved_view WHERE id = ? RETURNING list, name, query`, []any{id}, &was.List, &was.Name,
			&was.Query)
		if err != nil {
			return notFound(err, "There is no view %d any more.", id)
		}
		return auditView(t, auditRow{Action: "deleted"}, id, was, store.SavedView{})
	})
}

// auditView tells what has become of a view.
func auditView(t *tx, row auditRow, id int64, was, is store.SavedView) error {
	row.Object = fmt.Sprintf("view %d", id)
	return t.auditFields(row, fieldChange{"list", was.List, is.List}, fieldChange{"name", was.Name, is.Name},
		fieldChange{"query", was.Query, is.Query})
}
