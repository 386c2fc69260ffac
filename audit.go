package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"escutcheon/db"
	"escutcheon/store"
)

// auditTrail runs "audit verify": it recomputes the chain of the audit trail.
func auditTrail(ctx context.Context, e *env, args []string) (int, error) {
	fs, path := flags("audit verify")
	rest, err := parse(e, fs, args, 1)
	if err != nil {
		return 0, err
	}
	if len(rest) == 0 || rest[0] != "verify" {
		return 0, usageError{"say what to do with the audit trail: verify"}
	}
	damages := 0
	var failed error
	tip, err := db.VerifyAudit(ctx, *path, func(d store.AuditDamage) {
		if damages++; failed == nil {
			_, failed = fmt.Fprintln(e.stdout, printable(damageLine(d)))
		}
	})
	switch {
	case err != nil:
		return 0, err
	case failed != nil:
		return 0, failed
	case damages > 0:
		return exitFailed, nil
	}
	_, err = fmt.Fprintf(e.stdout, "The audit trail is whole: %d rows, tip %s\n", tip.Rows, tip.Hash)
	return exitDone, err
}

// damageLine names a damaged row, with its time.
func damageLine(d store.AuditDamage) string {
	at := ""
	if !d.At.IsZero() {
		at = " (" + d.At.UTC().Format(time.RFC3339Nano) + ")"
	}
	if d.ID == 0 {
		return fmt.Sprintf("tip%s: %s", at, d.What)
	}
	return fmt.Sprintf("row %d%s: %s", d.ID, at, d.What)
}

// exported tells the audit trail that a table leaves: its name, and what it was asked
// by, in pairs. What is shown to a person is no file.
func (q *query) exported(ctx context.Context, name string, pairs ...string) error {
	if q.format == "table" {
		return nil
	}
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return q.store.Audit(ctx, store.AuditEntry{Action: "exported", Object: name + "." + q.format, Field: v.Encode()})
}
