package main

import (
	"context"
	"fmt"
	"slices"

	"escutcheon/export"
	"escutcheon/store"
)

// printModules prints the module ledger of a host, or of all.
func printModules(ctx context.Context, e *env, args []string) (code int, err error) {
	fs, path := flags("modules")
	dest := fs.String("dest", "", "only this `host`")
	format := fs.String("format", "table", "table, csv or json")
	if _, err := parse(e, fs, args, 0); err != nil {
		return 0, err
	}
	q, err := openQuery(ctx, e, *path, "", *dest, *format, "table", "csv", "json")
	if err != nil {
		return 0, err
	}
	defer q.end(ctx, e, &code, &err)
	if err := q.exported(ctx, "modules", "dest", q.dest); err != nil {
		return 0, err
	}
	ledgers, err := q.ledgers(ctx)
	if err != nil {
		return 0, err
	}
	if q.format == "csv" {
		return exitDone, export.ModulesCSV(e.stdout, ledgers)
	}
	rows := export.ModuleRows(ledgers)
	t, j := newTable(e.stdout, export.ModuleHeader...), newArray(e.stdout)
	for _, r := range rows {
		if q.format == "json" {
			j.add(object(export.ModuleHeader, export.ModuleCells(r), map[string]any{"hosts": r.Hosts}))
		} else {
			t.row(export.ModuleCells(r)...)
		}
	}
	if q.format == "json" {
		return exitDone, j.end()
	}
	if err := t.flush(); err != nil {
		return 0, err
	}
	without := ", by the events alone: configuration and files are not collected"
	if slices.ContainsFunc(ledgers, func(l store.Ledger) bool { return len(l.Files) > 0 }) {
		without = ""
	}
	_, err = fmt.Fprintf(e.stderr, "%d modules%s.\n", len(rows), without)
	return exitDone, err
}

// ledgers are those of the host asked for, under whatever name, or of all.
func (q *query) ledgers(ctx context.Context) ([]store.Ledger, error) {
	if q.dest == "" {
		return q.store.Ledgers(ctx)
	}
	dest := q.dest
	if _, main, err := q.store.HostAliases(ctx, dest); err != nil {
		return nil, err
	} else if main != "" {
		dest = main
	}
	l, err := q.store.Ledger(ctx, store.VerdictOf{Dest: dest})
	return []store.Ledger{l}, err
}
