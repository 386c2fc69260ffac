package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"escutcheon/access"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/unseen"
)

const accountColumns = `id, name, role, password, ifnull(subject, ''), disabled, epoch, created, seen`

func scanAccount(row interface{ Scan(...any) error }) (a store.Account, err error) {
	var created, seen int64
	err = row.Scan(&a.ID, &a.Name, &a.Role, &a.Password, &a.Subject, &a.Disabled, &a.Epoch, &created, &seen)
	a.Created, a.Seen = fromNanos(created), fromNanos(seen)
	return a, err
}

// Accounts returns all accounts, by name.
func (d *DB) Accounts(ctx context.Context) (out []store.Account, err error) {
	return out, d.rows(ctx, func(r *sql.Rows) error {
		a, err := scanAccount(r)
		out = append(out, a)
		return err
	}, `SELECT `+accountColumns+` FROM account ORDER BY name COLLATE NOCASE`)
}

// AccountByID returns an account.
func (d *DB) AccountByID(ctx context.Context, id int64) (store.Account, error) {
	return accountBy(ctx, d.r, `id = ?`, id)
}

// AccountByName returns an account, whatever the case of its name.
func (d *DB) AccountByName(ctx context.Context, name string) (store.Account, error) {
	return accountBy(ctx, d.r, `name = ?`, strings.TrimSpace(name))
}

func accountBy(ctx context.Context, q conn, where string, arg any) (store.Account, error) {
	a, err := scanAccount(q.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM account WHERE `+where, arg))
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "There is no such account.")
	}
	return a, err
}

func checkAccount(a *store.Account) error {
	a.Name = strings.TrimSpace(a.Name)
	switch {
	case a.Name == "":
		return fault.New(fault.Invalid, "An account needs a name.")
	case len(a.Name) > store.MaxAccountName || strings.ContainsFunc(a.Name, unseen.Rune):
		return fault.New(fault.Invalid, "The name of an account has at most %d bytes, and nothing that cannot be seen.",
			store.MaxAccountName)
	case a.Role.String() == "":
		return fault.New(fault.Invalid, "There is no such role. There are viewer, analyst and admin.")
	}
	return nil
}

// AddAccount stores a new account; one that is to be the first is refused where there
// is another.
func (d *DB) AddAccount(ctx context.Context, a store.Account, first bool) (out store.Account, err error) {
	defer fault.Wrap(&err, "add account")
	if err := checkAccount(&a); err != nil {
		return out, err
	}
	return out, d.write(ctx, func(t *tx) error {
		var all, named int
		if err := t.get(`SELECT count(*), count(CASE WHEN name = ? THEN 1 END) FROM account`, []any{a.Name}, &all,
			&named); err != nil {
			return err
		}
		switch {
		case first && all > 0:
			return fault.New(fault.Conflict, "There is an account already. Sign in.")
		case named > 0:
			return fault.New(fault.Invalid, "There is an account %q already. Choose another name.", a.Name)
		case all >= store.MaxAccounts:
			return fault.New(fault.Invalid, "There are %d accounts: the most there can be.", all)
		}
		var subject any
		if a.Subject != "" {
			subject = a.Subject
		}
		if err := t.get(`INSERT INTO account (name, role, password, subject, disabled, epoch, created, seen)
			VALUES (?, ?, ?, ?, 0, 1, ?, 0) RETURNING id`, []any{a.Name, int64(a.Role), a.Password, subject,
			d.now().UnixNano()}, &a.ID); err != nil {
			return err
		}
		if err := t.audit(auditRow{Action: "added", Object: "account " + a.Name, Field: "role",
			New: a.Role.String()}); err != nil {
			return err
		}
		out, err = accountBy(ctx, t, `id = ?`, a.ID)
		return err
	})
}

// SetAccount gives an account another role, or disables it or lets it in again. One
// admin stays. Sessions of who may do less end.
func (d *DB) SetAccount(ctx context.Context, id int64, role access.Role, disabled bool) (err error) {
	defer fault.Wrap(&err, "set account %d", id)
	return d.write(ctx, func(t *tx) error {
		was, err := accountBy(ctx, t, `id = ?`, id)
		if err != nil {
			return err
		}
		is := was
		is.Role, is.Disabled = role, disabled
		if err := checkAccount(&is); err != nil {
			return err
		}
		var others int
		if err := t.get(`SELECT count(*) FROM account WHERE id <> ? AND role = ? AND disabled = 0`,
			[]any{id, int64(access.Admin)}, &others); err != nil {
			return err
		}
		if others == 0 && !was.Disabled && was.Role == access.Admin && (disabled || role != access.Admin) {
			return fault.New(fault.Invalid, "%s is the only admin. Make somebody else one first.", was.Name)
		}
		more := 0
		if role < was.Role || disabled {
			more = 1
		}
		if _, err := t.exec(`UPDATE account SET role = ?, disabled = ?, epoch = epoch + ? WHERE id = ?`, int64(role),
			disabled, more, id); err != nil {
			return err
		}
		return t.auditFields(auditRow{Action: "set", Object: "account " + was.Name},
			fieldChange{"role", was.Role.String(), role.String()},
			fieldChange{"disabled", yesNo(was.Disabled), yesNo(disabled)})
	})
}

// SetPassword gives an account another password, as it is kept, and ends its sessions.
func (d *DB) SetPassword(ctx context.Context, id int64, kept string) error {
	return d.changeAccount(ctx, id, `password = ?1, epoch = epoch + 1`, kept, auditRow{Action: "set", Field: "password"})
}

// EndSessions signs an account out everywhere.
func (d *DB) EndSessions(ctx context.Context, id int64) error {
	return d.changeAccount(ctx, id, `epoch = epoch + 1`, nil, auditRow{Action: "signed out", Field: "everywhere"})
}

// SignedIn notes that an account signed in.
func (d *DB) SignedIn(ctx context.Context, id int64) error {
	return d.changeAccount(ctx, id, `seen = ?1`, d.now().UnixNano(), auditRow{Action: "signed in"})
}

func (d *DB) changeAccount(ctx context.Context, id int64, set string, to any, row auditRow) (err error) {
	defer fault.Wrap(&err, "change account %d", id)
	return d.write(ctx, func(t *tx) error {
		a, err := accountBy(ctx, t, `id = ?`, id)
		if err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE account SET `+set+` WHERE id = ?2`, to, id); err != nil {
			return err
		}
		row.Object = "account " + a.Name
		return t.audit(row)
	})
}

// SubjectAccount returns the account of a subject at a provider; one that is not known
// gets an account, as a viewer, or as the admin where it is the first (first).
func (d *DB) SubjectAccount(ctx context.Context, subject, name string, first bool) (store.Account, error) {
	a, err := accountBy(ctx, d.r, `subject = ?`, subject)
	if fault.CodeOf(err) != fault.NotFound {
		return a, err
	}
	a = store.Account{Name: name, Role: access.Viewer, Subject: subject}
	if first {
		a.Role = access.Admin
	}
	return d.AddAccount(ctx, a, first)
}

// Sessions are sessions, as package scs keeps them.
type Sessions struct{ d *DB }

// Sessions keeps sessions in the database.
func (d *DB) Sessions() Sessions { return Sessions{d} }

// FindCtx returns what is kept of a session that has not ended.
func (s Sessions) FindCtx(ctx context.Context, token string) (b []byte, found bool, err error) {
	err = one(ctx, s.d.r, `SELECT data FROM session WHERE token = ? AND expiry > ?`,
		[]any{token, s.d.now().UnixNano()}, &b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return b, err == nil, err
}

// CommitCtx keeps a session until it ends, and forgets those that have.
func (s Sessions) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	return s.d.write(ctx, func(t *tx) error {
		if _, err := t.exec(`DELETE FROM session WHERE expiry <= ?`, s.d.now().UnixNano()); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO session (token, data, expiry) VALUES (?, ?, ?) ON CONFLICT (token) DO UPDATE
			SET data = excluded.data, expiry = excluded.expiry`, token, b, expiry.UnixNano())
		return err
	})
}

// DeleteCtx ends a session.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.d.write(ctx, func(t *tx) error {
		_, err := t.exec(`DELETE FROM session WHERE token = ?`, token)
		return err
	})
}

// Find, Commit and Delete are the same without a context.
func (s Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx.
func (s Sessions) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

// Delete is DeleteCtx.
func (s Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
