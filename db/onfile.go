package db

import (
	"context"
	"database/sql"
	"encoding/json"
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
	files, cut, err := artifactsOfHost(ctx, q, names)
	if asOf != nil {
		end := time.Unix(0, endOf(*asOf))
		files = slices.DeleteFunc(files, func(f artifact.File) bool { return f.Modified.IsZero() || !f.Modified.Before(end) })
	}
	if err != nil || len(files) == 0 {
		return nil, nil, err
	}
	log, err := configurationLog(ctx, q, names, asOf)
	h := onfile.Make(files, changes, log)
	h.Cut = cut
	return h, files, err
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

// mostCommitted is how many findings of changes a history is compared with.
const mostCommitted = 20_000

// committedOf are all changes to the configuration of a host that its log says, up to a
// second: each path once, with the event that says it, of several the first.
func committedOf(ctx context.Context, q conn, names []string, asOf *int64) (out []onfile.Committed, err error) {
	is, arg := isOne("f.dest", names)
	err = each(ctx, q, func(r *sql.Rows) error {
		var key, row string
		var first, last sql.NullInt64
		var event int64
		if err := r.Scan(&key, &row, &first, &last, &event); err != nil {
			return err
		}
		var values []any
		if err := json.Unmarshal([]byte(row), &values); err != nil || !first.Valid || asOf != nil && first.Int64 > *asOf {
			return nil // a row that is damaged is told where findings are
		}
		for _, v := range values {
			text, _ := v.(string)
			if configuration, path, ok := detection.ParseMessage(text); ok {
				out = append(out, onfile.Committed{ConfigPath: path, Configuration: configuration, Finding: key, Event: event,
					First: time.Unix(first.Int64, 0).UTC(), Last: time.Unix(last.Int64, 0).UTC()})
				break
			}
		}
		return nil
	}, `SELECT f.key, f.row, f.first, f.last, ifnull((SELECT min(event_id) FROM finding_event x WHERE x.finding_id = f.id), 0)
		FROM finding f WHERE `+is+` AND f.rule_id = ? AND f.verdict <= 1 LIMIT ?`, arg, detection.SeedID, mostCommitted)
	if err != nil {
		return nil, err
	}
	return committedApart(ctx, q, out)
}

// mostApart is how many events of findings of several are told apart by their times.
const mostApart = 5000

// committedApart parts findings of several events by these: each with its own time.
func committedApart(ctx context.Context, q conn, all []onfile.Committed) (out []onfile.Committed, err error) {
	left := mostApart
	for _, c := range all {
		if c.First.Equal(c.Last) || left <= 0 {
			out = append(out, c)
			continue
		}
		var ids []int64
		if err := each(ctx, q, func(r *sql.Rows) error {
			var id int64
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		}, `SELECT x.event_id FROM finding f JOIN finding_event x ON x.finding_id = f.id WHERE f.key = ? LIMIT ?`, c.Finding,
			left); err != nil {
			return nil, err
		}
		left -= len(ids)
		found, err := refs(ctx, q, ids)
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			if e.HasTime {
				one := c
				one.Event, one.First = e.ID, time.Unix(e.Second, e.Nanos).UTC()
				one.Last = one.First
				out = append(out, one)
			}
		}
	}
	return out, nil
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
		if c.History, c.Files, err = onFile(ctx, q, names, of.AsOf, changes); err != nil || c.History == nil {
			return err
		}
		all, err := committedOf(ctx, q, names, of.AsOf)
		c.History.Match(all)
		return err
	})
	return c, err
}
