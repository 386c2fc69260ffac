package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	modules "escutcheon/detection/ledger"
	"escutcheon/fault"
	"escutcheon/store"
)

// Ledger is the modules of a host over its logs up to its as-of.
func (d *DB) Ledger(ctx context.Context, of store.VerdictOf) (l store.Ledger, err error) {
	defer fault.Wrap(&err, "modules of host %q", of.Dest)
	err = d.snapshot(ctx, func(q conn) error {
		by, err := d.judgedBy(ctx, q)
		if err != nil {
			return err
		}
		if l, err = ledgerOf(ctx, q, of, by); err != nil {
			return err
		}
		return firsts{}.tell(ctx, q, l)
	})
	return l, err
}

// Ledgers are those of all hosts that have a change of note, by their names.
func (d *DB) Ledgers(ctx context.Context) (out []store.Ledger, err error) {
	defer fault.Wrap(&err, "modules")
	err = d.snapshot(ctx, func(q conn) error {
		var dests []string
		if err := each(ctx, q, func(r *sql.Rows) error {
			var dest string
			err := r.Scan(&dest)
			dests = append(dests, dest)
			return err
		}, `SELECT DISTINCT ifnull((SELECT main FROM host_alias a WHERE a.dest = h.dest AND undone IS NULL), h.dest)
			FROM host h WHERE id IN (SELECT host_id FROM change_event) OR dest IN (SELECT dest FROM artifact)`); err != nil {
			return err
		}
		by, err := d.judgedBy(ctx, q)
		if err != nil {
			return err
		}
		slices.Sort(dests)
		first := firsts{}
		for _, dest := range dests {
			l, err := ledgerOf(ctx, q, store.VerdictOf{Dest: dest}, by)
			if err != nil {
				return err
			}
			if err := first.tell(ctx, q, l); err != nil {
				return err
			}
			if len(l.Modules) > 0 {
				out = append(out, l)
			}
		}
		return nil
	})
	return out, err
}

// judgedBy is what modules are judged by, beside the lists that are built in.
type judgedBy struct {
	known modules.Known
	marks modules.Marks
	now   time.Time
}

func (d *DB) judgedBy(ctx context.Context, q conn) (by judgedBy, err error) {
	list, err := knownList(ctx, q)
	if err != nil {
		return by, err
	}
	by.known, by.now = modules.NewKnown(list.Entries), d.now()
	by.marks, err = marksOf(ctx, q)
	return by, err
}

// spellingOf is how a host is spelled that is there.
func spellingOf(ctx context.Context, q conn, dest string) (spelling string, err error) {
	err = one(ctx, q, `SELECT spelling FROM host WHERE dest = ?`, []any{dest}, &spelling)
	if errors.Is(err, sql.ErrNoRows) {
		return "", noLog(ctx, q, dest)
	}
	return spelling, err
}

func ledgerOf(ctx context.Context, q conn, of store.VerdictOf, by judgedBy) (l store.Ledger, err error) {
	l.Dest = of.Dest
	if l.Spelling, err = spellingOf(ctx, q, of.Dest); err != nil {
		return l, err
	}
	names, err := namesOf(ctx, q, of.Dest)
	if err != nil {
		return l, err
	}
	changes, err := noted(ctx, q, names, of.AsOf)
	if err != nil {
		return l, err
	}
	l.Cut = len(changes) >= mostNoted
	if l.Log, err = configurationLog(ctx, q, names, of.AsOf); err != nil {
		return l, err
	}
	h, files, err := onFile(ctx, q, names, of.AsOf, changes)
	if err != nil {
		return l, err
	}
	l.Files = modules.Collected(files)
	l.FilesCut = h != nil && h.Cut
	loads, err := loadsOf(ctx, q, names, of.AsOf)
	if err != nil {
		return l, err
	}
	made := modules.MakeOf(modules.Sources{Changes: changes, OnFile: h, Files: files, Loads: loads,
		NoLog: !l.Log.There}, by.known)
	by.marks.Apply(made, by.now)
	for _, m := range made {
		name, image := m.Key()
		hosts, err := hostsOfModule(ctx, q, names, name, image)
		if err != nil {
			return l, err
		}
		l.Modules = append(l.Modules, store.LedgerModule{Module: m, Hosts: hosts})
	}
	return l, nil
}
