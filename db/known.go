package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	modules "escutcheon/detection/ledger"
	"escutcheon/fault"
	"escutcheon/store"
)

// KnownList is the list of modules that the user brought last; without a name where
// there is none.
func (d *DB) KnownList(ctx context.Context) (l store.KnownList, err error) {
	defer fault.Wrap(&err, "list of modules")
	err = d.snapshot(ctx, func(q conn) error {
		l, err = knownList(ctx, q)
		return err
	})
	return l, err
}

func knownList(ctx context.Context, q conn) (l store.KnownList, err error) {
	var content []byte
	var loaded int64
	err = one(ctx, q, `SELECT name, content, loaded FROM known_list`, nil, &l.Name, &content, &loaded)
	if errors.Is(err, sql.ErrNoRows) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	l.Loaded = fromNanos(loaded)
	l.Entries, _, err = modules.ParseKnown(content)
	return l, err
}

// KeepKnownList stores a list of modules in the place of the one before.
func (d *DB) KeepKnownList(ctx context.Context, name string, content []byte) (err error) {
	defer fault.Wrap(&err, "keep the list of modules")
	return d.write(ctx, func(t *tx) error {
		var old string
		var was []byte
		err := t.get(`SELECT name, content FROM known_list`, nil, &old, &was)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return err
		case old == name && bytes.Equal(was, content):
			return nil
		}
		if _, err := t.exec(`INSERT OR REPLACE INTO known_list (id, name, content, loaded) VALUES (1, ?, ?, ?)`, name,
			content, d.now().UnixNano()); err != nil {
			return err
		}
		return t.audit(auditRow{Action: "loaded", Object: "list of modules", Field: name, Old: string(was),
			New: string(content)})
	})
}
