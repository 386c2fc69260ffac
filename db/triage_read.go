package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"escutcheon/store"
	"escutcheon/triage"
)

// triageColumns are those of a decision; all of them are numbers or texts.
var triageColumns = triageValues + `, ` + triageSum.whole("triage")

const triageValues = `status, disposition, urgency, owner, revision, author, at, reopened`

// unpackTriage is a decision of the JSON of its columns; without any nobody has
// decided anything.
func unpackTriage(packed []byte) (t store.Triage, err error) {
	if packed == nil {
		return t, nil
	}
	var at, reopened, whole int64
	all := []any{&t.Status, &t.Disposition, &t.Urgency, &t.Owner, &t.Revision, &t.Author, &at, &reopened, &whole}
	err = json.Unmarshal(packed, &all)
	t.At, t.Reopened = fromNanos(at), reopened != 0
	if t.Damaged = whole == 0; t.Damaged {
		met.Add(1)
		return store.Triage{Damaged: true}, nil // its values may not even be such
	}
	return t, err
}

// statusWhere chooses findings by their status; "" chooses all.
func statusWhere(s triage.Set) string {
	switch s {
	case triage.All:
		return ""
	case triage.Open:
		return `status < 3`
	case triage.Done:
		return `status >= 3`
	}
	var list []string
	for _, of := range triage.Statuses() {
		if s.Has(of) {
			list = append(list, fmt.Sprint(int(of)))
		}
	}
	return `status IN (` + strings.Join(list, `, `) + `)`
}

// TriageOf is what was decided about a finding (store.OfFinding, its key) or a
// host (store.OfHost, its dest).
func (d *DB) TriageOf(ctx context.Context, kind, name string) (store.Triage, error) {
	return triageOf(ctx, d.r, kind, name)
}

func triageOf(ctx context.Context, q conn, kind, name string) (store.Triage, error) {
	var packed []byte
	err := one(ctx, q, `SELECT json_array(`+triageColumns+`) FROM triage WHERE kind = ? AND name = ?`,
		[]any{kind, name}, &packed)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Triage{}, nil
	}
	if err != nil {
		return store.Triage{}, err
	}
	t, err := unpackTriage(packed)
	if err == nil && t.Damaged {
		err = mendTriage(ctx, q, kind, name, &t)
	}
	return t, err
}

// mendTriage makes a decision whose row is damaged what its history says; Damaged stays.
func mendTriage(ctx context.Context, q conn, kind, name string, t *store.Triage) error {
	o := decided{name: name, Triage: store.Triage{Damaged: true}}
	err := each(ctx, q, func(r *sql.Rows) error {
		var at int64
		var field, words string
		err := r.Scan(&field, &words, &o.Revision, &o.Author, &at, &o.Reopened)
		o.restore(field, words)
		o.At = fromNanos(at)
		return err
	}, `SELECT field, new, revision, author, at, bulk = 0 FROM triage_history WHERE kind = ? AND name = ?
		AND `+stepSum.whole("triage_history")+` ORDER BY id`, kind, name)
	*t = o.Triage
	return err
}

// TriageHistory is what was changed of a finding's or a host's, newest first: so
// many steps at most.
func (d *DB) TriageHistory(ctx context.Context, kind, name string, most int) (out []store.TriageStep, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var s store.TriageStep
		var at int64
		var whole bool
		err := r.Scan(&s.Bulk, &s.Revision, &s.Author, &at, &s.Field, &s.Old, &s.New, &s.Why, &whole)
		s.At = fromNanos(at)
		if s.Damaged = !whole; s.Damaged {
			met.Add(1)
			s.Why = store.DamagedCell
		}
		out = append(out, s)
		return err
	}, `SELECT bulk, revision, author, at, field, old, new, why, `+stepSum.whole("triage_history")+`
		FROM triage_history WHERE kind = ? AND name = ? ORDER BY id DESC LIMIT ?`, kind, name, most)
	return out, err
}
