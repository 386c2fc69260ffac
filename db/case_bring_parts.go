package db

import (
	"encoding/json"
	"fmt"
	"time"

	"escutcheon/store"
)

// parts stores what the case holds.
func (b *bringing) parts() error {
	items := map[int64]int64{}
	for _, i := range b.c.Items {
		at, err := b.free("case_item", i.ID)
		if err != nil {
			return err
		}
		if i.Kind == store.ItemNote {
			if i.Ref, err = b.noteHere(i); err != nil {
				return err
			}
		}
		var id int64
		if err := b.get(`INSERT INTO case_item (id, case_id, kind, ref, pin, why, snapshot, author, added)
			VALUES (?, ?, ?, ?, nullif(?, 0), ?, ?, ?, ?) RETURNING id`, []any{at, b.id, i.Kind, i.Ref, b.pins[i.Pin], i.Why,
			string(i.Snapshot), i.Author, i.Added.UnixNano()}, &id); err != nil {
			return err
		}
		items[i.ID] = id
		if err := b.tells("added", "item", i.Kind+" "+i.Ref); err != nil {
			return err
		}
	}
	for _, q := range b.c.Questions {
		at, err := b.free("case_question", q.ID)
		if err != nil {
			return err
		}
		var id int64
		if err := b.get(`INSERT INTO case_question (id, case_id, question, answer, revision, author, created, editor,
			edited) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, []any{at, b.id, q.Question, q.Answer, q.Revision,
			q.Author, q.Created.UnixNano(), q.Editor, q.Edited.UnixNano()}, &id); err != nil {
			return err
		}
		for _, n := range q.Items {
			if _, err := b.exec(`INSERT INTO case_answer (question_id, item_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, id,
				items[n]); err != nil {
				return err
			}
		}
	}
	for _, r := range b.c.Recommendations {
		at, err := b.free("case_recommendation", r.ID)
		if err != nil {
			return err
		}
		if _, err := b.exec(`INSERT INTO case_recommendation (id, case_id, text, done, author, at) VALUES (?, ?, ?, ?, ?, ?)`,
			at, b.id, r.Text, r.Done, r.Author, r.At.UnixNano()); err != nil {
			return err
		}
	}
	for _, f := range b.c.Files {
		if err := b.file(f); err != nil {
			return err
		}
	}
	return nil
}

func (b *bringing) file(f store.CaseFile) error {
	data, err := b.data(f.SHA256)
	if err != nil {
		return err
	}
	if err := b.keep(f.SHA256, data); err != nil {
		return err
	}
	at, err := b.free("case_file", f.ID)
	if err != nil {
		return err
	}
	var id int64
	if err := b.get(`INSERT INTO case_file (id, case_id, name, sha256, why, author, at) VALUES (?, ?, ?, ?, ?, ?, ?)
		RETURNING id`, []any{at, b.id, f.Name, f.SHA256, f.Why, f.Author, f.At.UnixNano()}, &id); err != nil {
		return err
	}
	return b.tells("attached", fmt.Sprintf("file %d", id), f.Name+" "+f.SHA256)
}

// tells notes in the audit trail what the case holds, so that it is missed when it is
// gone.
func (b *bringing) tells(action, field, what string) error {
	return b.audit(auditRow{Person: b.by, Action: action, Object: "case " + store.CaseNumber(b.id), Field: field,
		New: what})
}

// noteHere is the number that a note of the case has here; of one that did not come a
// word that no note is called by.
func (b *bringing) noteHere(i store.CaseItem) (string, error) {
	var s store.NoteSnapshot
	var id int64
	_, err := fmt.Sscan(i.Ref, &id)
	if json.Unmarshal(i.Snapshot, &s) == nil && err == nil {
		at, err := time.Parse(time.RFC3339Nano, s.Created)
		if err == nil {
			n := &notesImport{tx: b.tx}
			was, err := n.known(&store.Note{ID: id, Dest: s.Dest, Author: s.Author, Created: at.Truncate(time.Second)})
			if err != nil || was.ID != 0 {
				return fmt.Sprint(was.ID), err
			}
		}
	}
	return "away " + i.Ref, nil
}
