package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"escutcheon/db"
	"escutcheon/eventstore/blockstore"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/rulebook"
)

// openDatabase opens the database, wherever its events are.
func openDatabase(ctx context.Context, e *env, path string) (*db.DB, error) {
	return db.OpenWith(ctx, path, time.Now, eventsOf(e), upgrading(e))
}

// eventsOf says where the events of the database are.
func eventsOf(e *env) db.Events {
	return db.Events{At: e.events, Open: func(address string) (blockstore.Store, error) {
		return openClickHouse(address)
	}}
}

// openStore opens the database and brings its rules into force, with those in
// the files and folders named.
func openStore(ctx context.Context, e *env, path string, rules *ruleSource) (*db.DB, *rulebook.Book, error) {
	return openWith(ctx, e, path, rules, rulebook.Open)
}

// openSafe opens the database without running a rule.
func openSafe(ctx context.Context, e *env, path string, rules *ruleSource) (*db.DB, *rulebook.Book, error) {
	return openWith(ctx, e, path, rules, rulebook.OpenSafe)
}

// openBook is rulebook.Open or OpenSafe.
type openBook func(context.Context, rulebook.Store, intake.Decoder, *slog.Logger, func() time.Time) (*rulebook.Book,
	error)

func openWith(ctx context.Context, e *env, path string, rules *ruleSource, open openBook) (*db.DB,
	*rulebook.Book, error) {
	files, err := rules.read()
	if err != nil {
		return nil, nil, err
	}
	store, err := openDatabase(ctx, e, path)
	if err != nil {
		return nil, nil, err
	}
	if store.ReadOnly() {
		if len(files) > 0 {
			return nil, nil, errors.Join(usageError{"this database is only read, so no rules can be loaded into it"},
				store.Close())
		}
		open = rulebook.OpenReadOnly
	}
	log := slog.New(slog.NewTextHandler(e.stderr, nil))
	store.OnWait(func(sentence string) { log.Warn(sentence) })
	book, err := open(ctx, store, importer.Decoder{}, log, time.Now)
	if err == nil && len(files) > 0 {
		err = book.Load(ctx, files)
	}
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	return store, book, nil
}
