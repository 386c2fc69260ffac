package db

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/verdict"
	"escutcheon/event"
)

// mostBadFiles is how many files of a host, by path and hash, a verdict looks at.
const mostBadFiles = 1000

// withBeside are changes of a host with the files whose hash is known to be bad: each
// once, when it was seen first.
func withBeside(ctx context.Context, q conn, names []string, asOf *int64, changes []verdict.Change) (
	[]verdict.Change, error) {
	if !slices.ContainsFunc(changes, func(c verdict.Change) bool { return c.Image != "" }) {
		return changes, nil
	}
	is, arg := hostIs(names)
	return changes, each(ctx, q, func(r *sql.Rows) error {
		var c verdict.Change
		var nanos sql.NullInt64
		err := r.Scan(&c.Event, &nanos, &c.Kind, &c.Image, &c.Hash)
		if nanos.Valid {
			c.At = time.Unix(0, nanos.Int64).UTC()
		}
		changes = append(changes, c)
		return err
	}, `SELECT event_id, min(nanos), kind, image, hash FROM change_event
		WHERE host_id `+is+` AND kind & 6291456 <> 0 AND kind & ?3 <> 0 AND (nanos IS NULL OR nanos < ?2)
		GROUP BY image, hash LIMIT ?4`, arg, upToNanos(asOf), int64(detection.BadFile), mostBadFiles)
}

// verdictOver is the verdict of a host's changes, up to a second.
func verdictOver(ctx context.Context, q conn, names []string, asOf *int64, changes []verdict.Change) (verdict.Verdict,
	error) {
	byCommand := func(c verdict.Change) bool { return c.Kind&detection.FromCommand != 0 }
	if !slices.ContainsFunc(changes, byCommand) {
		return verdict.Make(changes), nil
	}
	log, err := configurationLog(ctx, q, names, asOf)
	return log.Make(changes), err
}

// configurationLog is what is known of the log of the configuration of a host, up to a
// second: from its findings, which have its changes, and from what of it is counted.
func configurationLog(ctx context.Context, q conn, names []string, asOf *int64) (log verdict.Log, err error) {
	saw := func(from, to int64) {
		if asOf != nil {
			if from > *asOf {
				return
			}
			to = min(to, *asOf)
		}
		log.Saw(time.Unix(from, 0).UTC())
		log.Saw(time.Unix(to, 0).UTC())
	}
	is, arg := isOne("dest", names)
	var first, last sql.NullInt64
	if err := one(ctx, q, `SELECT min(first), max(last) FROM finding INDEXED BY finding_dest
		WHERE `+is+` AND rule_id = ? AND verdict <= 1`, []any{arg, detection.SeedID}, &first, &last); err != nil {
		return log, err
	}
	if first.Valid {
		saw(first.Int64, last.Int64)
	}
	is, arg = hostIs(names)
	return log, each(ctx, q, func(r *sql.Rows) error {
		var packed []byte
		if err := r.Scan(&packed); err != nil {
			return err
		}
		var seen channelCount
		err := seen.add(0, packed)
		spans := seen.Spans()
		log.There = log.There || asOf == nil // it may have no times
		for _, s := range spans {
			saw(s.From, s.To)
		}
		return err
	}, `SELECT spans FROM coverage WHERE host_id `+is+`
		AND channel_id IN (SELECT id FROM channel WHERE name = ?2 COLLATE NOCASE)`, arg, event.IISConfiguration)
}
