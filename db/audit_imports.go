package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

func importObject(id int64) string { return fmt.Sprintf("import %d", id) }

// auditImport tells of a new import.
func (t *tx) auditImport(id int64, i intake.Import) error {
	row, replaces := auditRow{Action: "uploaded", Object: importObject(id)}, ""
	switch {
	case i.Replaces != 0:
		row.Action, replaces = "imported again", importObject(i.Replaces)
	case i.Source != intake.Upload:
		row.Action = "imported"
	}
	return t.auditFields(row, fieldChange{"file", "", i.Name}, fieldChange{"sha256", "", i.SHA256},
		fieldChange{"replaces", "", replaces}, fieldChange{"zone", "", i.Zone}, fieldChange{"computer", "", i.Computer},
		fieldChange{"dates", "", i.Dates})
}

// auditDeletion tells that an import goes.
func (t *tx) auditDeletion(i intake.Import) error {
	return t.auditFields(auditRow{Action: "deleted", Object: importObject(i.ID)}, fieldChange{"file", i.Name, ""},
		fieldChange{"sha256", i.SHA256, ""})
}

// auditAnswer tells what was answered for an import that asks.
func (t *tx) auditAnswer(id int64, zone, computer, dates string) error {
	var was intake.Reading
	if err := t.get(`SELECT zone, computer, dates FROM import WHERE id = ?`, []any{id}, &was.Zone, &was.Computer,
		&was.Dates); err != nil {
		return err
	}
	if was.Zone == zone && was.Computer == computer && was.Dates == dates {
		return t.audit(auditRow{Action: "answered", Object: importObject(id)})
	}
	return t.auditFields(auditRow{Action: "answered", Object: importObject(id)}, fieldChange{"zone", was.Zone, zone},
		fieldChange{"computer", was.Computer, computer}, fieldChange{"dates", was.Dates, dates})
}

// auditCancelled tells that somebody ends an import of owner's ("": anybody's), where
// that is how it ends. What ends one that runs in this process has told of it before
// (Cancelling): nobody asks for what it writes.
func (t *tx) auditCancelled(id int64, owner string, status intake.Status) error {
	if status != intake.Cancelled || store.ActorOf(t.ctx).Person == store.System {
		return nil
	}
	var was intake.Status
	err := t.get(`SELECT status FROM import WHERE id = ? AND (? = '' OR owner = ?)`, []any{id, owner, owner}, &was)
	if errors.Is(err, sql.ErrNoRows) || err == nil && was.Ended() {
		return nil
	}
	if err != nil {
		return err
	}
	return t.audit(auditRow{Action: "cancelled", Object: importObject(id), Field: "status", Old: string(was),
		New: string(intake.Cancelled)})
}

// Cancelling tells the audit trail that somebody has ended an import that runs.
func (d *DB) Cancelling(ctx context.Context, id int64) (err error) {
	defer fault.Wrap(&err, "cancel import %d", id)
	return d.write(ctx, func(t *tx) error { return t.auditCancelled(id, "", intake.Cancelled) })
}
