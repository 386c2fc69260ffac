package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
)

// BringCase stores a case that a case file carries, in one transaction, as whom the
// context says. data returns the bytes of a SHA-256, only such as have it. Numbers are
// kept where they are free. A case that is here already, as the file has it, stays as
// it is; one that differs is a conflict, unless it is to be a case of its own (fresh).
// Notes are taken as ImportNotes does.
func (d *DB) BringCase(ctx context.Context, c store.CarriedCase, fresh bool,
	data func(sum string) ([]byte, error)) (out store.CaseImported, err error) {
	defer fault.Wrap(&err, "bring case %s", c.Number())
	if err := checkBrought(&c); err != nil {
		return out, err
	}
	if fresh {
		c.UID = newUID()
	}
	err = d.writeLarge(ctx, func(t *tx) error {
		b := &bringing{tx: t, d: d, c: &c, by: store.ActorOf(ctx).Person, data: data}
		b.out.Notes.Refused = []store.RefusedLine{}
		err := b.all()
		out = b.out
		return err
	})
	d.seen.lately.forget()
	if err != nil {
		return store.CaseImported{}, err
	}
	return out, nil
}

// checkBrought refuses what could not have been made here.
func checkBrought(c *store.CarriedCase) error {
	for what, n := range map[string][2]int{"items": {len(c.Items), store.MaxItems},
		"questions":       {len(c.Questions), store.MaxQuestions},
		"recommendations": {len(c.Recommendations), store.MaxQuestions},
		"attached files":  {len(c.Files), store.MaxAttachments}} {
		if n[0] > n[1] {
			return fault.New(fault.Invalid, "The case file has %d %s, of which a case holds %d.", n[0], what, n[1])
		}
	}
	if err := checkCase(c.Case); err != nil {
		return err
	}
	for _, q := range c.Questions {
		if len(q.Question) > store.MaxQuestion || len(q.Answer) > store.MaxCaseText {
			return fault.New(fault.Invalid, "Question %d of the case file, or its answer, is too long.", q.ID)
		}
	}
	for _, r := range c.Recommendations {
		if len(r.Text) > store.MaxCaseText {
			return fault.New(fault.Invalid, "Recommendation %d of the case file is too long.", r.ID)
		}
	}
	chain := newChain()
	for i, a := range c.Audit {
		if chain.hash(&a.AuditRow) != a.Hash {
			return fault.New(fault.Invalid, "Row %d of the case file's audit rows (number %d there) is not as it was written. "+
				"Nothing was imported: export the case again.", i+1, a.ID)
		}
	}
	return nil
}

// bringing is an import of a case file under way.
type bringing struct {
	*tx
	d    *DB
	c    *store.CarriedCase
	by   string
	data func(string) ([]byte, error)
	out  store.CaseImported
	id   int64           // of the case here
	pins map[int64]int64 // here, by those there
}

func (b *bringing) all() error {
	known, err := b.known()
	if err != nil || known {
		return err
	}
	b.pins = map[int64]int64{}
	for _, kind := range store.PinKinds {
		for _, id := range slices.Sorted(maps.Keys(b.c.Pins)) {
			if p := b.c.Pins[id]; p.Kind == kind {
				if b.pins[id], err = b.pin(p); err != nil {
					return err
				}
			}
		}
	}
	if err := b.notes(); err != nil {
		return err
	}
	if err := b.head(); err != nil {
		return err
	}
	if err := b.parts(); err != nil {
		return err
	}
	if err := b.origin(); err != nil {
		return err
	}
	b.out.Case, err = caseByID(b.ctx, b.tx, b.id)
	return err
}

// known looks whether the case is here. One that is the same gets the newer notes.
func (b *bringing) known() (bool, error) {
	c := b.c
	var id int64
	err := b.get(`SELECT id FROM cases WHERE uid = ?`, []any{c.UID}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	is, err := caseByID(b.ctx, b.tx, id)
	if err != nil {
		return false, err
	}
	if !is.Edited.Equal(c.Edited) || is.Revision != c.Revision {
		return false, fault.New(fault.Conflict, "%s is this case already, and is not as in the file: %s changed it here "+
			"last, at %s; the file has it as %s left it at %s. To have both, import the file as a new case (--new).",
			is.Number(), is.Editor, is.Edited.UTC().Format(time.RFC3339), c.Editor, c.Edited.UTC().Format(time.RFC3339))
	}
	b.out.Case, b.out.Known = is, true
	return true, b.notes()
}

func (b *bringing) notes() error {
	i := &notesImport{tx: b.tx, by: b.by, now: b.d.now().UnixNano(), done: &b.out.Notes}
	for _, n := range b.c.Notes {
		if err := i.take(n); err != nil {
			return err
		}
	}
	return nil
}

// free is a number where it is free in a table, else nothing: the next one is taken.
func (b *bringing) free(table string, id int64) (any, error) {
	var taken bool
	err := b.get(`SELECT EXISTS (SELECT 1 FROM `+table+` WHERE id = ?)`, []any{id}, &taken)
	if err != nil || taken || id < 1 {
		return nil, err
	}
	return id, nil
}

// pin stores a piece of evidence as it was sealed, or adds to that which is here of
// the same what it lacks.
func (b *bringing) pin(p store.Pin) (int64, error) {
	was, err := pinByUID(b.tx, p.UID)
	if err != nil {
		return 0, err
	}
	for i := range p.Copies {
		if p.Copies[i].Data, err = b.data(p.Copies[i].SHA256); err != nil {
			return 0, err
		}
	}
	for i, e := range p.Events {
		p.Events[i] = b.pins[e]
	}
	if was.ID != 0 {
		return was.ID, b.addToPin(was, p)
	}
	at, err := b.free("pin", p.ID)
	if err != nil {
		return 0, err
	}
	if at == nil {
		p.ID = 0
	}
	p.Away = p.Kind == store.PinEvent || p.Kind == store.PinFile // its number is another machine's
	if err := storePin(b.tx, &p); err != nil {
		return 0, err
	}
	return p.ID, b.audit(auditRow{Person: b.by, Action: "brought", Object: fmt.Sprintf("evidence %d", p.ID),
		Field: p.Kind, New: p.Seal})
}

// addToPin gives evidence that was here before the copies and events that the file
// has besides.
func (b *bringing) addToPin(was, p store.Pin) error {
	if string(was.Snapshot) != string(p.Snapshot) {
		b.out.Warnings = append(b.out.Warnings, fmt.Sprintf("Evidence %d was here before and says something else than in "+
			"the file; what it says here stays, and the file's copies are added.", was.ID))
	}
	p.Ref, p.Away = was.Ref, was.Away
	if !addsTo(was, p) {
		return nil
	}
	var uids []string
	for _, e := range p.Events {
		var uid string
		if err := b.get(`SELECT uid FROM pin WHERE id = ?`, []any{e}, &uid); err != nil {
			return err
		}
		uids = append(uids, uid)
	}
	p.ID, p.Dest, p.At, p.Snapshot = was.ID, was.Dest, was.At, was.Snapshot
	p.Author, p.Pinned = b.by, b.d.now()
	uids, err := mergePins(b.tx, &p, was, uids)
	if err != nil {
		return err
	}
	p.Seal = p.Sealed(uids)
	if err := storePin(b.tx, &p); err != nil {
		return err
	}
	return b.audit(auditRow{Person: b.by, Action: "pinned", Object: fmt.Sprintf("evidence %d", p.ID), Field: p.Kind,
		Old: was.Seal, New: p.Seal})
}

func (b *bringing) head() error {
	c := b.c.Case
	if c.Origin == "" {
		c.Origin = c.Number()
	}
	at, err := b.free("cases", c.ID)
	if err != nil {
		return err
	}
	if at == nil {
		c.ID = 0
	}
	b.id, err = insertCase(b.tx, c)
	return err
}

// origin notes how the case came, and in the audit trail what would tell of a change
// of that.
func (b *bringing) origin() error {
	c, moved := b.c, map[int64]int64{}
	for there, here := range b.pins {
		if there != here {
			moved[there] = here
		}
	}
	if c.Pictures == nil {
		c.Pictures = map[string]string{}
	}
	pictures, err := json.Marshal(c.Pictures)
	if err != nil {
		return err
	}
	evidence, err := json.Marshal(moved)
	if err != nil {
		return err
	}
	for _, dest := range slices.Sorted(maps.Keys(c.Pictures)) {
		data, err := b.data(c.Pictures[dest])
		if err != nil {
			return err
		}
		if err := b.keep(c.Pictures[dest], data); err != nil {
			return err
		}
	}
	if _, err := b.exec(`INSERT INTO case_brought (case_id, file, exported, version, person, at, told, pictures, evidence)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, b.id, c.File, c.Exported.UnixNano(), c.Version, b.by, b.d.now().UnixNano(),
		string(c.Told), string(pictures), string(evidence)); err != nil {
		return err
	}
	if err := b.execMany(`INSERT INTO case_audit (case_id, n, id, at, person, action, object, field, old, new, address,
		prev, hash) VALUES `, `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, ``, len(c.Audit), func(dst []any, i int) []any {
		a := c.Audit[i]
		return append(dst, b.id, i+1, a.ID, a.At.UnixNano(), a.Person, a.Action, a.Object, a.Field, a.Old, a.New, a.Address,
			a.Prev, a.Hash)
	}); err != nil {
		return err
	}
	object := "case " + store.CaseNumber(b.id)
	return b.audit(
		auditRow{Person: b.by, Action: "brought", Object: object, Field: "case file", Old: c.Number(), New: c.File},
		auditRow{Person: b.by, Action: "brought", Object: object, Field: "report", New: broughtReport(c.Told, pictures)},
		auditRow{Person: b.by, Action: "brought", Object: object, Field: "audit rows", New: sumOfAudit(c.Audit)})
}

// broughtReport is a hash of what the machine told where a case was made.
func broughtReport(told, pictures []byte) string { return store.Sum(string(told), string(pictures)) }
