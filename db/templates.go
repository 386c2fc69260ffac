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

// NoteTemplates returns the templates of notes, by name.
func (d *DB) NoteTemplates(ctx context.Context) (out []store.NoteTemplate, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var t store.NoteTemplate
		err := r.Scan(&t.ID, &t.Name, &t.Text, &t.Revision)
		out = append(out, t)
		return err
	}, `SELECT id, name, text, revision FROM note_template ORDER BY name, id`)
	return out, err
}

func checkTemplate(n store.NoteTemplate) error {
	switch {
	case strings.TrimSpace(n.Name) == "":
		return fault.New(fault.Invalid, "Give the template a name to choose it by.")
	case len(n.Name) > store.MaxTemplateName:
		return fault.New(fault.Invalid, "The name is longer than %d bytes. Type a shorter one.", store.MaxTemplateName)
	case strings.TrimSpace(n.Text) == "":
		return fault.New(fault.Invalid, "The template is empty. Write something, or delete it.")
	case len(n.Text) > store.MaxTemplate:
		return fault.New(fault.Invalid, "The template is longer than %d bytes. Shorten it.", store.MaxTemplate)
	}
	return nil
}

// KeepNoteTemplate stores a new template, or what has become of the one with
// n.ID at n.Revision; any other revision is a conflict and changes nothing.
func (d *DB) KeepNoteTemplate(ctx context.Context, n store.NoteTemplate) (err error) {
	defer fault.Wrap(&err, "keep template")
	if err := checkTemplate(n); err != nil {
		return err
	}
	return d.write(ctx, func(t *tx) error {
		var all, named int
		if err := t.QueryRowContext(ctx, `SELECT count(*), count(CASE WHEN name = ? AND id <> ? THEN 1 END)
			FROM note_template`, n.Name, n.ID).Scan(&all, &named); err != nil {
			return err
		}
		if named > 0 {
			return fault.New(fault.Invalid, "There is a template %q already. Choose another name, or change that one.", n.Name)
		}
		if n.ID > 0 {
			return templateAt(ctx, t, n.ID, &n, `UPDATE note_template SET name = ?3, text = ?4, revision = ?2 + 1
				WHERE id = ?1 AND revision = ?2`, n.ID, n.Revision, n.Name, n.Text)
		}
		if all >= store.MaxTemplates {
			return fault.New(fault.Invalid, "There are %d templates. Delete one first.", all)
		}
		if err := t.get(`INSERT INTO note_template (name, text, revision) VALUES (?, ?, 1) RETURNING id`,
			[]any{n.Name, n.Text}, &n.ID); err != nil {
			return err
		}
		return t.auditFields(auditRow{Action: "written", Object: templateObject(n.ID)}, fieldChange{"name", "", n.Name},
			fieldChange{"text", "", n.Text})
	})
}

// DeleteNoteTemplate deletes the template n.ID when it is at n.Revision; any
// other is a conflict.
func (d *DB) DeleteNoteTemplate(ctx context.Context, n store.NoteTemplate) (err error) {
	defer fault.Wrap(&err, "delete template %d", n.ID)
	return d.write(ctx, func(t *tx) error {
		return templateAt(ctx, t, n.ID, nil, `DELETE FROM note_template WHERE id = ? AND revision = ?`, n.ID, n.Revision)
	})
}

func templateObject(id int64) string { return fmt.Sprintf("template %d", id) }

// templateAt runs a statement on a template at a revision, which makes another of it
// or (nil) none.
func templateAt(ctx context.Context, t *tx, id int64, is *store.NoteTemplate, statement string, args ...any) error {
	var was store.NoteTemplate
	if err := t.QueryRowContext(ctx, `SELECT name, text FROM note_template WHERE id = ?`, id).Scan(&was.Name,
		&was.Text); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	res, err := t.exec(statement, args...)
	if err != nil {
		return err
	}
	changed, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if changed > 0 {
		action := "edited"
		if is == nil {
			action, is = "deleted", &store.NoteTemplate{}
		}
		return t.auditFields(auditRow{Action: action, Object: templateObject(id)}, fieldChange{"name", was.Name, is.Name},
			fieldChange{"text", was.Text, is.Text})
	}
	err = t.QueryRowContext(ctx, `SELECT revision FROM note_template WHERE id = ?`, id).Scan(new(int64))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "There is no template %d any more.", id)
	}
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict,
		"Somebody changed this template since you opened it. Open the settings again to see theirs.")
}
