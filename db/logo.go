package db

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"

	"escutcheon/fault"
	"escutcheon/store"
)

// Logo is the picture at the head of reports, PNG or JPEG; none without.
func (d *DB) Logo(ctx context.Context) ([]byte, error) {
	var text string
	err := one(ctx, d.r, `SELECT value FROM setting WHERE name = 'logo'`, nil, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}

// KeepLogo stores the picture at the head of reports; none takes it away.
func (d *DB) KeepLogo(ctx context.Context, picture []byte) (err error) {
	defer fault.Wrap(&err, "keep logo")
	return d.write(ctx, func(t *tx) error {
		var was string
		if err := t.get(`SELECT value FROM setting WHERE name = 'logo'`, nil, &was); err != nil &&
			!errors.Is(err, sql.ErrNoRows) {
			return err
		}
		is := base64.StdEncoding.EncodeToString(picture)
		if _, err := t.exec(`INSERT INTO setting (name, value) VALUES ('logo', ?1) ON CONFLICT DO UPDATE SET value = ?1`,
			is); err != nil {
			return err
		}
		if was == is {
			return nil
		}
		return t.audit(auditRow{Action: "set", Object: "setting logo", Field: "sha256", Old: sumOf(was), New: sumOf(is)})
	})
}

// sumOf is the hash of a picture that is stored as text, "" of none.
func sumOf(text string) string {
	if text == "" {
		return ""
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	return store.SumOf(b)
}
