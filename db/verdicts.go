package db

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/verdict"
	"escutcheon/fault"
	"escutcheon/store"
)

const (
	mostNoted   = 20_000 // changes that a verdict is made of, the newest
	mostModules = 200    // modules of a host whose rarity is known
)

// VerdictOf is the verdict of a host over its logs up to its as-of.
func (d *DB) VerdictOf(ctx context.Context, of store.VerdictOf) (v store.Verdict, err error) {
	defer fault.Wrap(&err, "verdict")
	err = d.snapshot(ctx, func(q conn) error {
		names, err := namesOf(ctx, q, of.Dest)
		if err != nil {
			return err
		}
		changes, files, err := changed(ctx, q, names, of.AsOf)
		v.OnFile = files
		if err != nil {
			return err
		}
		if v.Verdict, err = verdictOver(ctx, q, names, of.AsOf, changes); err != nil {
			return err
		}
		for i := range v.Modules {
			var r store.Rarity
			if i < mostModules {
				if r, err = rarity(ctx, q, names, &v.Modules[i]); err != nil {
					return err
				}
			}
			v.Rarity = append(v.Rarity, r)
		}
		if v.Marks, err = d.marksBeside(ctx, q, names, &v.Verdict); err != nil {
			return err
		}
		if v.Sentence == verdict.NoChange {
			if v.Failed, err = failures(ctx, q, names, of.AsOf); err != nil {
				return err
			}
		}
		v.Of, err = hostsWithChanges(ctx, q, names)
		return err
	})
	return v, err
}

// hostsWithChanges is how many hosts have any event 29 of note, the names of one
// being one.
func hostsWithChanges(ctx context.Context, q conn, names []string) (n int64, err error) {
	err = one(ctx, q, `SELECT count(*) FROM finding_count WHERE rule_id = ?`, []any{detection.SeedID}, &n)
	if err != nil || len(names) < 2 {
		return n, err
	}
	var of int64
	err = one(ctx, q, `SELECT count(*) FROM finding_count WHERE rule_id = ? AND dest IN (SELECT value FROM json_each(?))`,
		[]any{detection.SeedID, jsonList(names)}, &of)
	return n - max(of-1, 0), err
}

// rarity is on how many hosts a module of a host was changed, this one among them
// even if it is yet to be counted, and once however many names it has.
func rarity(ctx context.Context, q conn, names []string, m *verdict.Module) (r store.Rarity, err error) {
	name, image := m.Key()
	r.Hosts, err = hostsOfModule(ctx, q, names, name, image)
	return r, err
}

func hostsOfModule(ctx context.Context, q conn, names []string, name, image string) (n int64, err error) {
	return n, one(ctx, q, `SELECT ifnull((SELECT hosts FROM module_count WHERE module = ?1 AND image = ?2), 0) +
		1 - (SELECT count(*) FROM host_module WHERE dest IN (SELECT value FROM json_each(?3)) AND module = ?1 AND image = ?2) +
		(SELECT count(DISTINCT a.dest) FROM artifact_module m JOIN artifact a ON a.id = m.artifact_id
			WHERE m.module = ?1 AND m.image = ?2 AND a.dest <> '' AND a.dest NOT IN (SELECT value FROM json_each(?3))
			AND NOT EXISTS (SELECT 1 FROM host_module o WHERE o.dest = a.dest AND o.module = ?1 AND o.image = ?2))`,
		[]any{name, image, jsonList(names)}, &n)
}

// noted are the changes of note of a host under its names, up to a second.
func noted(ctx context.Context, q conn, names []string, asOf *int64) (out []verdict.Change, err error) {
	hosts, of := hostIs(names)
	err = each(ctx, q, func(r *sql.Rows) error {
		var c verdict.Change
		var nanos sql.NullInt64
		var hidden sql.NullBool
		err := r.Scan(&c.Event, &nanos, &c.Kind, &c.Module, &c.Image, &c.Scope, &c.By, &c.Finding, &hidden)
		if nanos.Valid {
			c.At = time.Unix(0, nanos.Int64).UTC()
		}
		c.Closed = hidden.Bool
		out = append(out, c)
		return err
	}, `SELECT event_id, nanos, kind, module, image, scope, account,
			ifnull((SELECT f.key FROM finding_event x JOIN finding f ON f.id = x.finding_id
				WHERE x.event_id = c.event_id AND f.verdict <= 1 ORDER BY f.rule_id <> ?3, f.key LIMIT 1), ''),
			(SELECT min(f.verdict = 1 OR f.status >= 3) FROM finding_event x JOIN finding f ON f.id = x.finding_id
				WHERE x.event_id = c.event_id AND f.verdict <= 1)
		FROM (SELECT * FROM change_event WHERE host_id `+hosts+` AND kind & ?5 = 0
			AND (nanos IS NULL OR nanos < ?2) ORDER BY nanos DESC LIMIT ?4) c`, of, upToNanos(asOf), detection.SeedID,
		mostNoted, int64(detection.BadFile|detection.Beside))
	if err != nil {
		return nil, err
	}
	return withBeside(ctx, q, names, asOf, out)
}

// hostIs asks for the rows of a host under its names: what follows host_id, with ?1.
func hostIs(names []string) (is string, arg any) {
	if len(names) == 1 {
		return `= (SELECT id FROM host WHERE dest = ?1)`, names[0]
	}
	return `IN (SELECT id FROM host WHERE dest IN (SELECT value FROM json_each(?1)))`, jsonList(names)
}

// upToNanos is the first nanosecond behind a second; nil: behind all.
func upToNanos(asOf *int64) int64 {
	if asOf == nil {
		return math.MaxInt64
	}
	return endOf(*asOf)
}

// verdict stores the verdict of a dest over all its logs.
func (s *settler) verdict(dest string) error {
	s.judged = true
	changes, _, err := changed(s.ctx, s.tx, []string{dest}, nil)
	if err == nil {
		err = s.do([]any{dest}, `DELETE FROM host_module WHERE dest = ?`)
	}
	if err != nil || len(changes) == 0 {
		return errors.Join(err, s.do([]any{dest}, `DELETE FROM host_verdict WHERE dest = ?`))
	}
	v, err := verdictOver(s.ctx, s.tx, []string{dest}, nil, changes)
	if err != nil {
		return err
	}
	module, image := "", ""
	for i := range v.Modules {
		name, file := v.Modules[i].Key()
		if i == 0 {
			module, image = name, file
		}
		if i == mostModules {
			break
		}
		if _, err := s.exec(`INSERT OR IGNORE INTO host_module (dest, module, image) VALUES (?, ?, ?)`, dest, name,
			file); err != nil {
			return err
		}
	}
	at := sql.NullInt64{Int64: v.When().UnixNano(), Valid: !v.When().IsZero()}
	_, err = s.exec(`INSERT INTO host_verdict (dest, gravity, module, image, nanos, sentence) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET gravity = excluded.gravity, module = excluded.module, image = excluded.image,
			nanos = excluded.nanos, sentence = excluded.sentence`, dest, int64(v.Gravity), module, image, at, v.Sentence)
	return err
}

// Briefs are the verdicts of some hosts, in their order, up to a second; nil: over
// all their logs.
func (d *DB) Briefs(ctx context.Context, hosts []store.Host, asOf *int64) (out []store.Brief, err error) {
	defer fault.Wrap(&err, "verdicts")
	out = make([]store.Brief, len(hosts))
	return out, d.snapshot(ctx, func(q conn) error {
		late := false
		if asOf == nil && len(hosts) > 1 {
			if late, err = changing(ctx, q); err != nil {
				return err
			}
		}
		for i := range hosts {
			look := func() (store.Brief, error) {
				return brief(ctx, q, append([]string{hosts[i].Dest}, hosts[i].Also...), asOf)
			}
			if late {
				out[i], err = lateOf(&d.seen.lately, &d.seen.lately.brief, latelyKey{name: hosts[i].Dest}, look)
			} else {
				out[i], err = look()
			}
			if err != nil {
				return err
			}
		}
		return failed(ctx, q, hosts, asOf, out)
	})
}

const storedBrief = `SELECT v.gravity, v.sentence, v.nanos, ifnull(m.hosts, 0) FROM host_verdict v
	LEFT JOIN module_count m ON m.module = v.module AND m.image = v.image AND v.module || v.image <> ''
	WHERE v.dest = ?1 AND NOT EXISTS (SELECT 1 FROM host_change WHERE dest = ?1 AND rule_id = ''
		AND until = -9223372036854775808)`

func brief(ctx context.Context, q conn, names []string, asOf *int64) (b store.Brief, err error) {
	if asOf == nil && len(names) == 1 {
		var at sql.NullInt64
		err = one(ctx, q, storedBrief, []any{names[0]}, &b.Gravity, &b.Sentence, &at, &b.Hosts)
		if at.Valid {
			b.At = time.Unix(0, at.Int64).UTC()
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return b, err
		}
	}
	changes, _, err := changed(ctx, q, names, asOf)
	if err != nil {
		return b, err
	}
	v, err := verdictOver(ctx, q, names, asOf, changes)
	b.Gravity, b.Sentence, b.At = v.Gravity, v.Sentence, v.When()
	if err == nil && len(v.Modules) > 0 {
		var r store.Rarity
		r, err = rarity(ctx, q, names, &v.Modules[0])
		b.Hosts = r.Hosts
	}
	return b, err
}
