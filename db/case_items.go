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

func caseItems(ctx context.Context, q conn, id int64) (out []store.CaseItem, err error) {
	return out, each(ctx, q, func(r *sql.Rows) error {
		var i store.CaseItem
		var added int64
		var snapshot string
		err := r.Scan(&i.ID, &i.Case, &i.Kind, &i.Ref, &i.Pin, &i.Why, &snapshot, &i.Author, &added)
		i.Snapshot, i.Added = []byte(snapshot), fromNanos(added)
		out = append(out, i)
		return err
	}, `SELECT id, case_id, kind, ref, ifnull(pin, 0), why, snapshot, author, added FROM case_item WHERE case_id = ?
		ORDER BY id`, id)
}

// AddItem adds something to a case; what it has already stays as it is. pin is of a
// finding or a module, with the pins of what it rests on, or of an event or a file.
func (d *DB) AddItem(ctx context.Context, i store.CaseItem, pin *store.Pin, events []store.Pin) (id int64, err error) {
	defer fault.Wrap(&err, "add to case %d", i.Case)
	if err := checkSigned(i.Author); err != nil {
		return 0, err
	}
	if i.Why = strings.TrimSpace(i.Why); len(i.Why) > store.MaxWhy {
		return 0, fault.New(fault.Invalid, "The reason is longer than %d bytes. Shorten it.", store.MaxWhy)
	}
	err = d.writeLarge(ctx, func(t *tx) error {
		if _, err := caseByID(ctx, t, i.Case); err != nil {
			return err
		}
		if pin != nil {
			if i.Pin, err = d.pin(t, *pin, events, i.Author); err != nil {
				return err
			}
			if i.Kind == store.ItemEvent || i.Kind == store.ItemFile {
				i.Ref = pin.UID
			}
		}
		if err := t.get(`SELECT id FROM case_item WHERE case_id = ? AND kind = ? AND ref = ?`,
			[]any{i.Case, i.Kind, i.Ref}, &id); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := t.roomInCase("case_item", i.Case, store.MaxItems, "items"); err != nil {
			return err
		}
		var held any
		if i.Pin != 0 {
			held = i.Pin
		}
		if err := t.get(`INSERT INTO case_item (case_id, kind, ref, pin, why, snapshot, author, added)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, []any{i.Case, i.Kind, i.Ref, held, i.Why, string(i.Snapshot), i.Author,
			d.now().UnixNano()}, &id); err != nil {
			return err
		}
		return d.touchCase(t, i.Case, i.Author, auditRow{Action: "added", Field: "item", New: i.Kind + " " + i.Ref})
	})
	return id, err
}

// DropItem takes an item out of a case. What was pinned for it stays pinned.
func (d *DB) DropItem(ctx context.Context, id, item int64, person string) (err error) {
	defer fault.Wrap(&err, "drop item %d of case %d", item, id)
	if err := checkSigned(person); err != nil {
		return err
	}
	return d.write(ctx, func(t *tx) error {
		var kind, ref string
		if err := t.get(`SELECT kind, ref FROM case_item WHERE id = ? AND case_id = ?`, []any{item, id}, &kind,
			&ref); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				err = noPart(id, "item", item)
			}
			return err
		}
		if err := t.do([]any{item}, `DELETE FROM case_answer WHERE item_id = ?`, `DELETE FROM case_item
			WHERE id = ?`); err != nil {
			return err
		}
		return d.touchCase(t, id, person, auditRow{Action: "removed", Field: "item", Old: kind + " " + ref})
	})
}

func caseFiles(ctx context.Context, q conn, id int64) (out []store.CaseFile, err error) {
	return out, each(ctx, q, func(r *sql.Rows) error {
		var f store.CaseFile
		var at int64
		err := r.Scan(&f.ID, &f.Case, &f.Name, &f.SHA256, &f.Size, &f.Why, &f.Author, &at)
		f.At = fromNanos(at)
		out = append(out, f)
		return err
	}, `SELECT f.id, f.case_id, f.name, f.sha256, ifnull(k.size, -1), f.why, f.author, f.at FROM case_file f
		LEFT JOIN kept k ON k.sha256 = f.sha256 WHERE f.case_id = ? ORDER BY f.id`, id)
}

// Attach keeps a file by its hash, and attaches it to a case.
func (d *DB) Attach(ctx context.Context, f store.CaseFile, data []byte) (id int64, err error) {
	defer fault.Wrap(&err, "attach to case %d", f.Case)
	if err := checkSigned(f.Author); err != nil {
		return 0, err
	}
	switch {
	case len(data) > store.MaxAttachment:
		return 0, fault.New(fault.TooLarge, "The file is larger than %d MiB. Keep it elsewhere, and note its SHA-256.",
			store.MaxAttachment>>20)
	case strings.TrimSpace(f.Name) == "" || len(f.Name) > 1_000:
		return 0, fault.New(fault.Invalid, "The file has no name, or one longer than 1,000 bytes.")
	case len(f.Why) > store.MaxWhy:
		return 0, fault.New(fault.Invalid, "The reason is longer than %d bytes. Shorten it.", store.MaxWhy)
	}
	f.SHA256 = store.SumOf(data)
	err = d.writeLarge(ctx, func(t *tx) error {
		if err := t.roomInCase("case_file", f.Case, store.MaxAttachments, "attached files"); err != nil {
			return err
		}
		if err := t.keep(f.SHA256, data); err != nil {
			return err
		}
		if err := t.get(`INSERT INTO case_file (case_id, name, sha256, why, author, at) VALUES (?, ?, ?, ?, ?, ?)
			RETURNING id`, []any{f.Case, f.Name, f.SHA256, strings.TrimSpace(f.Why), f.Author, d.now().UnixNano()},
			&id); err != nil {
			return err
		}
		return d.touchCase(t, f.Case, f.Author, auditRow{Action: "attached", Field: fmt.Sprintf("file %d", id),
			New: f.Name + " " + f.SHA256})
	})
	return id, err
}

// DropFile takes an attached file out of a case; its bytes go when nothing else
// needs them.
func (d *DB) DropFile(ctx context.Context, id, file int64, person string) (err error) {
	defer fault.Wrap(&err, "drop file %d of case %d", file, id)
	if err := checkSigned(person); err != nil {
		return err
	}
	return d.writeLarge(ctx, func(t *tx) error {
		var name, sum string
		if err := t.get(`SELECT name, sha256 FROM case_file WHERE id = ? AND case_id = ?`, []any{file, id}, &name,
			&sum); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				err = noPart(id, "file", file)
			}
			return err
		}
		if _, err := t.exec(`DELETE FROM case_file WHERE id = ?`, file); err != nil {
			return err
		}
		if err := t.unkeep(sum); err != nil {
			return err
		}
		return d.touchCase(t, id, person, auditRow{Action: "removed", Field: fmt.Sprintf("file %d", file),
			Old: name + " " + sum})
	})
}

// CaseFile returns an attached file of a case, with its bytes.
func (d *DB) CaseFile(ctx context.Context, id, file int64) (f store.CaseFile, data []byte, err error) {
	defer fault.Wrap(&err, "file %d of case %d", file, id)
	list, err := caseFiles(ctx, d.r, id)
	if err != nil {
		return f, nil, err
	}
	for _, f = range list {
		if f.ID == file {
			data, err = d.Kept(ctx, f.SHA256)
			return f, data, err
		}
	}
	return f, nil, noPart(id, "file", file)
}
