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

// withBeside are changes of a host, without those that commands alone say where the
// log of the configuration is there, and with the files whose hash is known to be
// bad: each once, when it was seen first.
func withBeside(ctx context.Context, q conn, names []string, asOf *int64, changes []verdict.Change) (
	[]verdict.Change, error) {
	logged := verdict.Logged(changes)
	if len(logged) < len(changes) {
		has := len(logged) > 0
		var err error
		if !has {
			has, err = hasConfigurationLog(ctx, q, names, asOf)
		}
		if err != nil {
			return nil, err
		}
		if has {
			changes = logged
		}
	}
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

// hasConfigurationLog says whether the log of the configuration is among the logs of
// a host, up to a second.
func hasConfigurationLog(ctx context.Context, q conn, names []string, asOf *int64) (has bool, err error) {
	is, arg := isOne("dest", names)
	if asOf == nil {
		if err := one(ctx, q, `SELECT EXISTS (SELECT 1 FROM finding_count WHERE rule_id = ? AND `+is+`)`,
			[]any{detection.SeedID, arg}, &has); err != nil || has {
			return has, err
		}
	}
	is, arg = hostIs(names)
	return has, each(ctx, q, func(r *sql.Rows) error {
		var spans []byte
		if err := r.Scan(&spans); err != nil {
			return err
		}
		var seen channelCount
		err := seen.add(0, spans)
		list := seen.Spans()
		has = has || asOf == nil || len(list) > 0 && list[0].From <= *asOf
		return err
	}, `SELECT spans FROM coverage WHERE host_id `+is+`
		AND channel_id IN (SELECT id FROM channel WHERE name = ?2 COLLATE NOCASE)`, arg, event.IISConfiguration)
}
