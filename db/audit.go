package db

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode/utf8"

	"escutcheon/store"
)

// auditRow is what a write tells of itself: see tx.audit.
type auditRow = store.AuditEntry

// audit adds rows to the audit trail, in the transaction of what they tell of. Who
// did it is the row's person, or else whom the context says; the address is the
// context's.
func (t *tx) audit(rows ...auditRow) error {
	return t.auditMany(len(rows), func(i int) auditRow { return rows[i] })
}

// auditMany is audit of n rows. The chain's end is read in the transaction: what
// another process wrote, or a part of this transaction that was undone, is seen.
func (t *tx) auditMany(n int, row func(i int) auditRow) error {
	return t.auditAs(store.ActorOf(t.ctx), n, row)
}

// auditOwn is audit of what the console does by itself, whoever asked for what led to
// it.
func (t *tx) auditOwn(rows ...auditRow) error {
	return t.auditAs(store.Actor{Person: store.System}, len(rows), func(i int) auditRow { return rows[i] })
}

func (t *tx) auditAs(actor store.Actor, n int, row func(i int) auditRow) error {
	if n == 0 {
		return nil
	}
	tip, err := auditTip(t)
	if err != nil {
		return err
	}
	now, c := t.w.now(), newChain()
	if err := t.execMany(`INSERT INTO audit (id, at, person, action, object, field, old, new, address, prev) VALUES `,
		`(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, ``, n, func(dst []any, i int) []any {
			tip.Rows++
			r := store.AuditRow{AuditEntry: row(i), ID: tip.Rows, At: now, Address: actor.Address, Prev: tip.Hash}
			if r.Person == "" {
				r.Person = actor.Person
			}
			for _, s := range []*string{&r.Person, &r.Action, &r.Object, &r.Field, &r.Old, &r.New, &r.Address} {
				*s = keptText(*s)
			}
			tip.Hash = c.hash(&r)
			return append(dst, r.ID, now.UnixNano(), r.Person, r.Action, r.Object, r.Field, r.Old, r.New, r.Address, r.Prev)
		}); err != nil {
		return err
	}
	_, err = t.exec(`UPDATE audit_tip SET count = ?, hash = ?`, tip.Rows, tip.Hash)
	return err
}

// fieldChange is what has become of a field.
type fieldChange struct{ field, old, new string }

// auditFields tells of each field that has changed.
func (t *tx) auditFields(like auditRow, fields ...fieldChange) error {
	var rows []auditRow
	for _, f := range fields {
		if f.old != f.new {
			like.Field, like.Old, like.New = f.field, f.old, f.new
			rows = append(rows, like)
		}
	}
	return t.audit(rows...)
}

// keptText is a text as the audit trail has it: UTF-8 without NUL, and one that is
// too long cut, with the length and the hash of the whole.
func keptText(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= store.MaxAudited {
		return s
	}
	end := store.MaxAudited
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (cut: %d bytes in all, SHA-256 %x)", s[:end], len(s), sha256.Sum256([]byte(s)))
}

// auditTip is how far the chain goes.
func auditTip(t *tx) (tip store.AuditTip, err error) {
	err = t.get(`SELECT count, hash FROM audit_tip`, nil, &tip.Rows, &tip.Hash)
	return tip, err
}

// Audit adds rows to the audit trail that tell of no change here: of what leaves the
// database, say. Of one that may only be read nothing can be told.
func (d *DB) Audit(ctx context.Context, rows ...store.AuditEntry) error {
	if d.ReadOnly() {
		return nil
	}
	return d.write(ctx, func(t *tx) error { return t.audit(rows...) })
}

// auditMigration is the one after which there is an audit trail.
const auditMigration = "migrations/032_audit.sql"

// beginAudit writes the first row: of what was before nothing is known.
func beginAudit(t *tx, version int) error {
	return t.audit(auditRow{Action: "began", Object: "audit", Field: "schema", New: fmt.Sprint(version)})
}
