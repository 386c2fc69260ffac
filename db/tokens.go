package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"escutcheon/access"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/unseen"
)

const tokenColumns = `token.id, token.account, account.name, token.name, token.role, token.created, token.expires,
	token.used, token.revoked`

func scanToken(row interface{ Scan(...any) error }) (t store.Token, err error) {
	var created, expires, used int64
	err = row.Scan(&t.ID, &t.Account, &t.Owner, &t.Name, &t.Role, &created, &expires, &used, &t.Revoked)
	t.Created, t.Expires, t.Used = fromNanos(created), fromNanos(expires), fromNanos(used)
	return t, err
}

// Tokens returns the tokens of an account, or (0) of all, the newest first.
func (d *DB) Tokens(ctx context.Context, account int64) (out []store.Token, err error) {
	return out, d.rows(ctx, func(r *sql.Rows) error {
		t, err := scanToken(r)
		out = append(out, t)
		return err
	}, `SELECT `+tokenColumns+` FROM token JOIN account ON account.id = token.account WHERE ?1 = 0 OR token.account = ?1
		ORDER BY token.id DESC`, account)
}

// AddToken stores a new token, by the hash of its secret.
func (d *DB) AddToken(ctx context.Context, n store.Token, secret string) (id int64, err error) {
	defer fault.Wrap(&err, "add token")
	n.Name = strings.TrimSpace(n.Name)
	now := d.now()
	switch {
	case n.Name == "" || len(n.Name) > store.MaxTokenName || strings.ContainsFunc(n.Name, unseen.Rune):
		return 0, fault.New(fault.Invalid, "A token needs a name of at most %d bytes: what uses it.", store.MaxTokenName)
	case n.Role.String() == "":
		return 0, fault.New(fault.Invalid, "There is no such role. There are viewer, analyst and admin.")
	case !n.Expires.After(now) || n.Expires.After(now.AddDate(0, 0, store.MaxTokenForDays)):
		return 0, fault.New(fault.Invalid, "A token ends after 1 to %d days.", store.MaxTokenForDays)
	}
	return id, d.write(ctx, func(t *tx) error {
		a, err := accountBy(ctx, t, `id = ?`, n.Account)
		if err != nil {
			return err
		}
		if n.Role > a.Role {
			return fault.New(fault.Invalid, "%s is %s: a token of that account may do no more.", a.Name, a.Role)
		}
		var all int
		if err := t.get(`SELECT count(*) FROM token WHERE account = ? AND revoked = 0 AND expires > ?`,
			[]any{a.ID, now.UnixNano()}, &all); err != nil {
			return err
		}
		if all >= store.MaxTokens {
			return fault.New(fault.Invalid, "%s has %d tokens. Revoke one first.", a.Name, all)
		}
		if err := t.get(`INSERT INTO token (account, name, hash, role, created, expires, used, revoked)
			VALUES (?, ?, ?, ?, ?, ?, 0, 0) RETURNING id`, []any{a.ID, n.Name, store.Sum(secret), int64(n.Role),
			now.UnixNano(), n.Expires.UnixNano()}, &id); err != nil {
			return err
		}
		return t.audit(auditRow{Action: "added", Object: fmt.Sprintf("token %d", id), Field: a.Name,
			New: fmt.Sprintf("%s, %s until %s", n.Name, n.Role, n.Expires.UTC().Format(time.RFC3339))})
	})
}

// RevokeToken ends a token: one of the account, or (0) any.
func (d *DB) RevokeToken(ctx context.Context, id, account int64) (err error) {
	defer fault.Wrap(&err, "revoke token %d", id)
	return d.write(ctx, func(t *tx) error {
		res, err := t.exec(`UPDATE token SET revoked = 1 WHERE id = ?1 AND revoked = 0 AND (?2 = 0 OR account = ?2)`, id,
			account)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.New(fault.NotFound, "There is no token %d that could be revoked.", id))
		}
		return t.audit(auditRow{Action: "revoked", Object: fmt.Sprintf("token %d", id)})
	})
}

// TokenBySecret returns who a secret lets in; NotFound when nobody, or nobody any more.
func (d *DB) TokenBySecret(ctx context.Context, secret string) (i access.Identity, err error) {
	var used, role int64
	now := d.now()
	err = one(ctx, d.r, `SELECT token.id, account.id, account.name, min(account.role, token.role), token.used FROM token
		JOIN account ON account.id = token.account WHERE token.hash = ? AND token.revoked = 0 AND token.expires > ?
		AND account.disabled = 0`, []any{store.Sum(secret), now.UnixNano()}, &i.Token, &i.Account, &i.Name, &role, &used)
	i.Role = access.Role(role)
	if errors.Is(err, sql.ErrNoRows) {
		return i, fault.New(fault.NotFound, "The token is none, or is not one any more.")
	}
	if today := now.Truncate(24 * time.Hour).UnixNano(); err == nil && used < today {
		_ = d.write(ctx, func(t *tx) error { // who may look does so on a full disk too
			_, err := t.exec(`UPDATE token SET used = ? WHERE id = ?`, today, i.Token)
			return err
		})
	}
	return i, err
}
