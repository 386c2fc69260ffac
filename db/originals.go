package db

import (
	"context"
	"database/sql"
	"errors"

	"escutcheon/fault"
)

// KeepsOriginals says whether files are kept as they were imported.
func (d *DB) KeepsOriginals(ctx context.Context) (bool, error) {
	var value string
	err := one(ctx, d.r, `SELECT value FROM setting WHERE name = 'originals'`, nil, &value)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return value == "1", err
}

// KeepOriginals sets whether files are kept as they are imported from now on.
func (d *DB) KeepOriginals(ctx context.Context, on bool) (err error) {
	defer fault.Wrap(&err, "keep originals")
	was, err := d.KeepsOriginals(ctx)
	if err != nil {
		return err
	}
	value := map[bool]string{true: "1", false: "0"}
	return d.write(ctx, func(t *tx) error { return t.set("originals", value[was], value[on]) })
}
