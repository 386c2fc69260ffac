package db

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"escutcheon/artifact"
	"escutcheon/detection"
	modules "escutcheon/detection/ledger"
	"escutcheon/detection/onfile"
	"escutcheon/detection/verdict"
	"escutcheon/fault"
	"escutcheon/store"
)

// onFile is what the files of a host say beside its changes, up to a second; without files
// it is nil.
func onFile(ctx context.Context, q conn, names []string, asOf *int64, changes []verdict.Change) (*onfile.History,
	[]artifact.File, error) {
	files, err := artifactsOfHost(ctx, q, names)
	if asOf != nil {
		end := time.Unix(0, endOf(*asOf))
		files = slices.DeleteFunc(files, func(f artifact.File) bool { return f.Modified.IsZero() || !f.Modified.Before(end) })
	}
	if err != nil || len(files) == 0 {
		return nil, nil, err
	}
	log, err := configurationLog(ctx, q, names, asOf)
	return onfile.Make(files, changes, log), files, err
}

// changed are the changes of note of a host under its names, up to a second: those that events
// say, and those that its files do.
func changed(ctx context.Context, q conn, names []string, asOf *int64) ([]verdict.Change, *onfile.History, error) {
	changes, err := noted(ctx, q, names, asOf)
	if err != nil {
		return nil, nil, err
	}
	h, _, err := onFile(ctx, q, names, asOf, changes)
	if h != nil {
		changes = append(append(changes, h.Changes...), h.Notable()...)
	}
	return changes, h, err
}

// mostLoads is how many files of modules that were loaded a ledger looks at.
const mostLoads = 2000

// loadsOf are the files of modules that worker processes loaded, or failed to, up to a
// second: each once.
func loadsOf(ctx context.Context, q conn, names []string, asOf *int64) (out []modules.Load, err error) {
	hosts, arg := hostIs(names)
	err = each(ctx, q, func(r *sql.Rows) error {
		var l modules.Load
		var kind detection.Kind
		var first, last sql.NullInt64
		err := r.Scan(&l.Image, &kind, &first, &last, &l.Times, &l.Event)
		if first.Valid {
			l.First, l.Last = time.Unix(0, first.Int64).UTC(), time.Unix(0, last.Int64).UTC()
		}
		l.Failed = kind&detection.LoadFailed != 0
		out = append(out, l)
		return err
	}, `SELECT image, kind, min(nanos), max(nanos), count(*), max(event_id) FROM change_event WHERE host_id `+hosts+`
		AND kind & ?3 <> 0 AND (nanos IS NULL OR nanos < ?2) GROUP BY image, kind ORDER BY image LIMIT ?4`, arg,
		upToNanos(asOf), int64(detection.ImageLoaded|detection.LoadFailed), mostLoads)
	return out, err
}

// Configuration is what the files of a host say of its configuration.
func (d *DB) Configuration(ctx context.Context, of store.VerdictOf) (c store.Configuration, err error) {
	defer fault.Wrap(&err, "configuration of host %q", of.Dest)
	err = d.snapshot(ctx, func(q conn) error {
		c.Dest = of.Dest
		if c.Spelling, err = spellingOf(ctx, q, of.Dest); err != nil {
			return err
		}
		names, err := namesOf(ctx, q, of.Dest)
		if err != nil {
			return err
		}
		changes, err := noted(ctx, q, names, of.AsOf)
		if err != nil {
			return err
		}
		if c.Log, err = configurationLog(ctx, q, names, of.AsOf); err != nil {
			return err
		}
		c.History, c.Files, err = onFile(ctx, q, names, of.AsOf, changes)
		return err
	})
	return c, err
}
