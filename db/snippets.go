package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"escutcheon/fault"
	"escutcheon/store"
)

// Snippets returns one's own texts of recommendations, by name.
func (d *DB) Snippets(ctx context.Context) (out []store.Snippet, err error) {
	return out, d.rows(ctx, func(r *sql.Rows) error {
		var s store.Snippet
		err := r.Scan(&s.ID, &s.Name, &s.Text, &s.Revision)
		out = append(out, s)
		return err
	}, `SELECT id, name, text, revision FROM snippet ORDER BY name COLLATE NOCASE, id`)
}

// KeepSnippet stores a new snippet, or what has become of the one with s.ID at
// s.Revision; any other revision is a conflict and changes nothing.
func (d *DB) KeepSnippet(ctx context.Context, s store.Snippet) (err error) {
	defer fault.Wrap(&err, "keep snippet")
	s.Name, s.Text = strings.TrimSpace(s.Name), strings.TrimSpace(s.Text)
	switch {
	case s.Name == "" || s.Text == "":
		return fault.New(fault.Invalid, "A snippet needs a name to choose it by, and a text.")
	case len(s.Name) > store.MaxTemplateName:
		return fault.New(fault.Invalid, "The name is longer than %d bytes. Type a shorter one.", store.MaxTemplateName)
	}
	if err := checkCaseText("snippet", s.Text); err != nil {
		return err
	}
	return d.write(ctx, func(t *tx) error {
		var all, named int
		if err := t.get(`SELECT count(*), count(CASE WHEN name = ? AND id <> ? THEN 1 END) FROM snippet`,
			[]any{s.Name, s.ID}, &all, &named); err != nil {
			return err
		}
		if named > 0 {
			return fault.New(fault.Invalid, "There is a snippet %q already. Choose another name, or change that one.", s.Name)
		}
		if s.ID == 0 {
			if all >= store.MaxSnippets {
				return fault.New(fault.Invalid, "There are %d snippets. Delete one first.", all)
			}
			if _, err := t.exec(`INSERT INTO snippet (name, text, revision) VALUES (?, ?, 1)`, s.Name, s.Text); err != nil {
				return err
			}
			return t.audit(auditRow{Action: "written", Object: "snippet " + s.Name, Field: "text", New: s.Text})
		}
		was, err := snippetAt(t, s.ID, s.Revision)
		if err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE snippet SET name = ?, text = ?, revision = revision + 1 WHERE id = ?`, s.Name, s.Text,
			s.ID); err != nil {
			return err
		}
		return t.audit(auditRow{Action: "changed", Object: "snippet " + s.Name, Field: "text", Old: was.Text, New: s.Text})
	})
}

func snippetAt(t *tx, id, revision int64) (s store.Snippet, err error) {
	err = t.get(`SELECT id, name, text, revision FROM snippet WHERE id = ?`, []any{id}, &s.ID, &s.Name, &s.Text,
		&s.Revision)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return s, fault.New(fault.NotFound, "There is no snippet %d any more.", id)
	case err == nil && s.Revision != revision:
		return s, fault.New(fault.Conflict, "Somebody has changed this snippet since you opened it.")
	}
	return s, err
}

// DeleteSnippet deletes a snippet at a revision.
func (d *DB) DeleteSnippet(ctx context.Context, id, revision int64) (err error) {
	defer fault.Wrap(&err, "delete snippet %d", id)
	return d.write(ctx, func(t *tx) error {
		was, err := snippetAt(t, id, revision)
		if err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM snippet WHERE id = ?`, id); err != nil {
			return err
		}
		return t.audit(auditRow{Action: "deleted", Object: "snippet " + was.Name, Field: "text", Old: was.Text})
	})
}
