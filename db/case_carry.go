package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"escutcheon/fault"
	"escutcheon/store"
)

// CarriedCase returns a case with all that a case file has of it, but for the report
// and the bytes that are kept.
func (d *DB) CarriedCase(ctx context.Context, id int64) (c store.CarriedCase, err error) {
	defer fault.Wrap(&err, "case %d for a case file", id)
	if c.WholeCase, err = d.WholeCase(ctx, id); err != nil {
		return c, err
	}
	c.Exported = d.now().UTC()
	dests := c.Dests()
	for _, dest := range dests {
		for n, err := range d.NoteRows(ctx, dest) {
			if err != nil {
				return c, err
			}
			c.Notes = append(c.Notes, n)
		}
	}
	brought, err := d.CaseBrought(ctx, id)
	if err != nil {
		return c, err
	}
	c.Audit = brought.Audit
	own, err := d.auditOfCase(ctx, &c, dests)
	c.Audit = append(c.Audit, own...)
	return c, err
}

// auditOfCase are the rows of the audit trail that tell of a case: of itself, its
// evidence, its notes, and the triage of its hosts and findings.
func (d *DB) auditOfCase(ctx context.Context, c *store.CarriedCase, dests []string) (out []store.CarriedAudit,
	err error) {
	var objects []string
	for _, dest := range dests {
		objects = append(objects, "host "+dest)
	}
	for _, id := range slices.Sorted(maps.Keys(c.Pins)) {
		objects = append(objects, fmt.Sprintf("evidence %d", id))
	}
	for _, n := range c.Notes {
		objects = append(objects, fmt.Sprintf("note %d", n.ID))
	}
	for _, i := range c.Items {
		if i.Kind == store.ItemFinding {
			objects = append(objects, "finding "+i.Ref)
		}
	}
	list, err := json.Marshal(objects)
	if err != nil {
		return nil, err
	}
	of, h := "case "+c.Number(), newChain()
	return out, each(ctx, d.r, func(r *sql.Rows) error {
		row, err := scanAudit(r)
		out = append(out, store.CarriedAudit{AuditRow: row, Hash: h.hash(&row)})
		return err
	}, `SELECT `+auditColumns+` FROM audit WHERE object IN (SELECT value FROM json_each(?1)) OR object = ?2
		OR object > ?2 || ' ' AND object < ?2 || '!' ORDER BY id`, string(list), of)
}

// CaseBrought says how a case came that a case file brought; nothing of one that was
// made here.
func (d *DB) CaseBrought(ctx context.Context, id int64) (b store.CaseBrought, err error) {
	err = d.snapshot(ctx, func(q conn) error {
		b, err = caseBrought(ctx, q, id)
		return err
	})
	return b, err
}

func caseBrought(ctx context.Context, q conn, id int64) (b store.CaseBrought, err error) {
	var exported, at int64
	var told, pictures, evidence string
	err = one(ctx, q, `SELECT c.origin, b.file, b.exported, b.version, b.person, b.at, b.told, b.pictures, b.evidence
		FROM case_brought b JOIN cases c ON c.id = b.case_id WHERE b.case_id = ?`, []any{id}, &b.Number, &b.File, &exported,
		&b.Version, &b.By, &at, &told, &pictures, &evidence)
	if errors.Is(err, sql.ErrNoRows) {
		return b, nil
	}
	if err != nil {
		return b, err
	}
	b.Exported, b.At, b.Told = fromNanos(exported), fromNanos(at), []byte(told)
	_ = json.Unmarshal([]byte(pictures), &b.Pictures) // VerifyCase names what is damaged
	_ = json.Unmarshal([]byte(evidence), &b.Evidence)
	return b, each(ctx, q, func(r *sql.Rows) error {
		var a store.CarriedAudit
		a.AuditRow, err = scanAudit(withExtra{r, []any{&a.Hash}})
		b.Audit = append(b.Audit, a)
		return err
	}, `SELECT `+auditColumns+`, hash FROM case_audit WHERE case_id = ? ORDER BY n`, id)
}

// sumOfAudit is a hash over rows that came with a case.
func sumOfAudit(list []store.CarriedAudit) string {
	hashes := make([]string, len(list))
	for i, a := range list {
		hashes[i] = a.Hash
	}
	return store.Sum(hashes...)
}
