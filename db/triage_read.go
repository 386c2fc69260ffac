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
const triageColumns = `status, disposition, urgency, owner, revision, author, at, reopened`

// unpackTriage is a decision of the JSON of its columns; without any nobody has
// decided anything.
func unpackTriage(packed []byte) (t store.Triage, err error) {
	if packed == nil {
		return t, nil
	}
	var at, reopened int64
	all := []any{&t.Status, &t.Disposition, &t.Urgency, &t.Owner, &t.Revision, &t.Author, &at, &reopened}
	err = json.Unmarshal(packed, &all)
	t.At, t.Reopened = fromNanos(at), reopened != 0
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
	return unpackTriage(packed)
}

// TriageHistory is what was changed of a finding's or a host's, newest first: so
// many steps at most.
func (d *DB) TriageHistory(ctx context.Context, kind, name string, most int) (out []store.TriageStep, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var s store.TriageStep
		var at int64
		err := r.Scan(&s.Bulk, &s.Revision, &s.Author, &at, &s.Field, &s.Old, &s.New, &s.Why)
		s.At = fromNanos(at)
		out = append(out, s)
		return err
	}, `SELECT bulk, revision, author, at, field, old, new, why FROM triage_history WHERE kind = ? AND name = ?
		ORDER BY id DESC LIMIT ?`, kind, name, most)
	return out, err
}
