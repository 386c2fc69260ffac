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
		what := fmt.Sprintf("the copy of the record at offset %d of %q", c.Offset, c.FileName)
		if p.Kind == store.PinFile {
			what = fmt.Sprintf("the copy of the text of %q", c.FileName)
		}
		if err := y.kept(object, what, c.SHA256); err != nil {
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
	return y.audited(object, `action IN ('pinned', 'brought')`, "its seal", p.Seal)
}

// audited compares what is there with what the audit trail says of it.
func (y *verifying) audited(object, where, what, is string) error {
	var said string
	err := one(y.ctx, y.q, `SELECT new FROM audit WHERE object = ? AND `+where+` ORDER BY id DESC LIMIT 1`, []any{object},
		&said)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		y.differs(object, "the audit trail does not know %s", what)
	case err != nil:
		return err
	case said != is:
		y.differs(object, "%s is %s, the audit trail has %s", what, is, said)
	}
	return nil
}

// brought verifies what a case came with from another machine.
func (y *verifying) brought(id int64) error {
	b, err := caseBrought(y.ctx, y.q, id)
	if err != nil || b.File == "" {
		return err
	}
	object, chain := "case "+store.CaseNumber(id), newChain()
	for i, a := range b.Audit {
		if chain.hash(&a.AuditRow) != a.Hash {
			y.differs(object, "row %d of the audit rows that it came with (%d there) is not as it was written", i+1, a.ID)
		}
	}
	for _, dest := range slices.Sorted(maps.Keys(b.Pictures)) {
		if err := y.kept(object, fmt.Sprintf("the picture of %q", dest), b.Pictures[dest]); err != nil {
			return err
		}
	}
	pictures, err := json.Marshal(b.Pictures)
	if err != nil {
		return err
	}
	return errors.Join(
		y.audited(object, `action = 'brought' AND field = 'case file'`, "the case file that it came with", b.File),
		y.audited(object, `action = 'brought' AND field = 'report'`, "what it came with as its report",
			broughtReport(b.Told, pictures)),
		y.audited(object, `action = 'brought' AND field = 'audit rows'`, "the sum of the audit rows that it came with",
			sumOfAudit(b.Audit)))
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
