package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"escutcheon/store"
)

// verifying recomputes all that evidence was sealed with.
type verifying struct {
	ctx  context.Context
	q    conn
	pins map[int64]store.Pin
	v    *store.Verified
}

func (y *verifying) differs(object, format string, args ...any) {
	y.v.Differences = append(y.v.Differences, store.Difference{Object: object, What: fmt.Sprintf(format, args...)})
}

func (y *verifying) all(files []store.CaseFile) error {
	for _, id := range slices.Sorted(maps.Keys(y.pins)) {
		if err := y.pin(y.pins[id]); err != nil {
			return err
		}
	}
	for _, f := range files {
		y.v.Files++
		if err := y.kept(fmt.Sprintf("file %d", f.ID), f.Name, f.SHA256); err != nil {
			return err
		}
	}
	return nil
}

func (y *verifying) pin(p store.Pin) error {
	y.v.Pins++
	object := fmt.Sprintf("evidence %d", p.ID)
	for _, c := range p.Copies {
		y.v.Copies++
		if err := y.kept(object, fmt.Sprintf("the copy of the record at offset %d of %q", c.Offset, c.FileName),
			c.SHA256); err != nil {
			return err
		}
	}
	var events []string
	for _, e := range p.Events {
		events = append(events, y.pins[e].UID)
	}
	if !json.Valid(p.Snapshot) {
		y.differs(object, "what it says is damaged: it cannot be read")
	}
	if got := p.Sealed(events); got != p.Seal {
		y.differs(object, "what it says, where it stood, or who pinned it is not what was sealed: the seal is %s, of what "+
			"is there now %s", p.Seal, got)
	}
	// Who could write a new seal would have to write the audit anew too.
	var sealed string
	err := one(y.ctx, y.q, `SELECT new FROM audit WHERE object = ? AND action IN ('pinned', 'brought')
		ORDER BY id DESC LIMIT 1`, []any{object}, &sealed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		y.differs(object, "the audit does not know who pinned it")
	case err != nil:
		return err
	case sealed != p.Seal:
		y.differs(object, "its seal is %s, the audit has %s", p.Seal, sealed)
	}
	return nil
}

// kept recomputes the hash of what is kept.
func (y *verifying) kept(object, what, sum string) error {
	data, err := kept(y.ctx, y.q, sum)
	switch {
	case errors.Is(err, errNotKept):
		y.differs(object, "%s is not kept any more (SHA-256 %s)", what, sum)
	case err != nil:
		return err
	default:
		if got := store.SumOf(data); got != sum {
			y.differs(object, "%s has the SHA-256 %s, not %s", what, got, sum)
		}
	}
	return nil
}
