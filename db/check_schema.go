package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// schema compares the tables, indexes and triggers with those of a new database: a
// trigger that says something else breaks, or does, what its table relies on.
func (c *checking) schema() error {
	should, err := newSchema(c.ctx)
	if err != nil {
		return err
	}
	is, err := schemaOf(c.ctx, c.q)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(should)) {
		if is[name] != should[name] {
			c.say(name, "it is not what this version makes")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if _, ours := should[name]; !ours && strings.HasPrefix(name, "trigger ") {
			c.say(name, "no Escutcheon makes it")
		}
	}
	return nil
}

// newSchema is what the migrations make.
func newSchema(ctx context.Context) (out map[string]string, err error) {
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1) // another one would have a memory of its own
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	made, upTo, err := begun(names)
	if err != nil {
		return nil, err
	}
	for _, name := range append([]string{made}, names[upTo:]...) {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if _, err := pool.ExecContext(ctx, string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return schemaOf(ctx, pool)
}

// schemaOf are the statements that made what a database has, without how they are spaced,
// and without the tables that upgrade takes over and drops.
func schemaOf(ctx context.Context, q queryer) (map[string]string, error) {
	out := map[string]string{}
	return out, each(ctx, q, func(r *sql.Rows) error {
		var kind, name, text string
		err := r.Scan(&kind, &name, &text)
		out[fmt.Sprintf("%s %s", kind, name)] = strings.Join(strings.Fields(text), " ")
		return err
	}, `SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'
		AND tbl_name NOT GLOB 'old_*'`)
}
