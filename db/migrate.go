package db

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"escutcheon/fault"
)

// migrations are the steps of the schema, and schema is what they have made of an
// empty database, up to the one that it is named after: see makeNew.
//
//go:embed migrations/*.sql schema/*.sql
var migrations embed.FS

// applicationID marks a database as ours in its header ("ESCU").
const applicationID = 0x45534355

// migrate brings the schema to the newest version, each step in a transaction
// of its own. The version is SQLite's user_version.
func (d *DB) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	if err := d.copyOld(ctx); err != nil {
		return err
	}
	for {
		done := false
		err := d.writeLarge(ctx, func(t *tx) error {
			version, err := d.version(ctx, t, len(names))
			if err != nil || version == len(names) {
				done = true
				return err
			}
			if version == 0 {
				return makeNew(ctx, t, names)
			}
			return apply(ctx, t, names[version], version+1)
		})
		if err != nil || done {
			return err
		}
	}
}

// version reads the schema's version and refuses what is not ours.
func (d *DB) version(ctx context.Context, t *tx, newest int) (int, error) {
	var version, app, tables int
	err := t.QueryRowContext(ctx, `SELECT (SELECT user_version FROM pragma_user_version),
		(SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)`).Scan(&version, &app,
		&tables)
	if err != nil {
		return 0, err
	}
	if app != applicationID && tables > 0 {
		return 0, errForeign(d.path)
	}
	if version < 0 {
		return 0, errSchema(d.path, version)
	}
	if version > newest {
		return 0, errNewer(d.path, version, newest)
	}
	return version, nil
}

// makeNew does in a new database at once what many migrations come to, a fifth of the
// work. The newest ones may follow.
func makeNew(ctx context.Context, t *tx, names []string) error {
	made, upTo, err := begun(names)
	if err != nil {
		return err
	}
	if err := apply(ctx, t, made, upTo); err != nil {
		return err
	}
	return beginAudit(t, slices.Index(names, auditMigration)+1)
}

// begun is the file that makes what the first upTo migrations do, to which TestSchema
// holds it.
func begun(names []string) (name string, upTo int, err error) {
	made, err := fs.Glob(migrations, "schema/*.sql")
	if err != nil {
		return "", 0, err
	}
	return made[0], slices.Index(names, "migrations/"+path.Base(made[0])) + 1, nil
}

func apply(ctx context.Context, t *tx, name string, version int) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	if _, err := t.exec(string(text)); err != nil {
		if resultCode(err) == sqlite3.SQLITE_ERROR { // a table is there already, or is missing
			err = errors.Join(errSchema(t.w.path, version-1), err)
		}
		return fmt.Errorf("migration %s: %w", strings.TrimPrefix(name, "migrations/"), err)
	}
	switch name {
	case auditMigration:
		err = beginAudit(t, version)
	case sortMigration:
		err = sortAnew(t)
	}
	if err != nil {
		return err
	}
	_, err = t.exec(fmt.Sprintf(`PRAGMA user_version = %d; PRAGMA application_id = %d`, version,
		applicationID))
	return err
}

func errNewer(path string, version, newest int) error {
	return fault.New(
		fault.Invalid, "%q was written by a newer Escutcheon (schema %d; this one knows %d). Use that one, or another --db.",
		path, version, newest)
}
