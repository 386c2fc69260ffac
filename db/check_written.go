package db

import (
	"database/sql"
	"errors"
	"fmt"

	"escutcheon/store"
)

// What analysts wrote and decided stands in more than one place: in its row, in its
// history, and in the audit trail, whose rows prove each other. Where these differ one
// is damaged.

// notes compares each note with its newest revision, and that with the audit trail.
func (c *checking) notes() error {
	list := map[int64]store.Note{}
	if err := each(c.ctx, c.q, func(r *sql.Rows) error {
		n, err := scanNote(r)
		list[n.ID] = n
		return err
	}, `SELECT `+noteColumns+` FROM note`); err != nil {
		return err
	}
	newest := map[int64]int64{}
	if err := each(c.ctx, c.q, func(r *sql.Rows) error {
		var id, revision, at int64
		var author, action, text string
		if err := r.Scan(&id, &revision, &author, &at, &action, &text); err != nil {
			return err
		}
		n, ok := list[id]
		brought := action == "imported" // by somebody, at some time; what was before it did not come
		if newest[id]++; brought {
			newest[id] = revision
		}
		switch {
		case !ok:
			c.say(noteObject(id), "revision %d of it is there, and it is not", revision)
		case newest[id] != revision:
			c.say(noteObject(id), "its revision %d is missing", newest[id])
			newest[id] = revision
		case revision == n.Revision && (n.Text != text || n.Deleted != (action == "deleted") ||
			!brought && (n.Editor != author || n.Edited.UnixNano() != at)):
			c.say(noteObject(id), "it and its newest revision differ")
		}
		return nil
	}, `SELECT note_id, revision, author, at, action, text FROM note_revision ORDER BY note_id, revision`); err != nil {
		return err
	}
	for id, n := range list {
		if newest[id] != n.Revision {
			c.say(noteObject(id), "it is at revision %d, and the newest that is there is %d", n.Revision, newest[id])
		}
		if err := c.told(noteObject(id), "text", n.Text, n.Deleted); err != nil {
			return err
		}
	}
	return nil
}

// told compares what is there with what the audit trail says of it last. What is older
// than the trail is not in it.
func (c *checking) told(object, field, is string, gone bool) error {
	var said string
	err := one(c.ctx, c.q, `SELECT new FROM audit WHERE object = ? AND field = ? ORDER BY id DESC LIMIT 1`,
		[]any{object, field}, &said)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case gone:
		is = ""
	}
	if said != keptText(is) {
		c.say(object, "its %s is not what the audit trail has", field)
	}
	return nil
}

// triage compares each decision with the last step of each of its fields, and a
// finding's status with that.
func (c *checking) triage() error {
	type decision struct {
		kind, name string
		is         store.Triage
	}
	var list []decision
	if err := each(c.ctx, c.q, func(r *sql.Rows) error {
		var d decision
		var packed []byte
		err := r.Scan(&d.kind, &d.name, &packed)
		if err == nil {
			d.is, err = unpackTriage(packed)
		}
		list = append(list, d)
		return err
	}, `SELECT kind, name, json_array(`+triageValues+`, 1) FROM triage ORDER BY kind, name`); err != nil {
		return err
	}
	for _, d := range list {
		object := d.kind + " " + d.name
		for field, is := range map[string]string{"status": d.is.Status.String(), "disposition": d.is.Disposition.String(),
			"urgency": d.is.Urgency.String(), "owner": d.is.Owner} {
			var step string
			err := one(c.ctx, c.q, `SELECT new FROM triage_history WHERE kind = ? AND name = ? AND field = ?
				ORDER BY id DESC LIMIT 1`, []any{d.kind, d.name, field}, &step)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			if step != is {
				c.say(object, "its %s is %q, and was last set to %q", field, is, step)
			}
			if err := c.told(object, field, is, false); err != nil {
				return err
			}
		}
	}
	return each(c.ctx, c.q, func(r *sql.Rows) error {
		var key string
		var is, decided int
		err := r.Scan(&key, &is, &decided)
		c.say(fmt.Sprintf("finding %s", key), "it shows the status %d, and %d was decided", is, decided)
		return err
	}, `SELECT f.key, f.status, ifnull(t.status, 0) FROM finding f LEFT JOIN triage t ON t.kind = 'finding'
		AND t.name = f.key WHERE f.status <> ifnull(t.status, 0)`)
}
