package db

import (
	"context"
	"database/sql"
	"math"

	"escutcheon/detection"
	"escutcheon/detection/verdict"
	"escutcheon/store"
)

// mostFailures is how many modules that failed to load a verdict names.
const mostFailures = 5

// failures are the findings of modules that failed to load on a host, under its
// names, that began up to a second, the newest first.
func failures(ctx context.Context, q conn, names []string, asOf *int64) (out []store.LoadFailure, err error) {
	is, arg := isOne("f.dest", names)
	return out, each(ctx, q, func(r *sql.Rows) error {
		var f store.LoadFailure
		var err error
		f.Finding, err = ownScan(r, &f.Event)
		out = append(out, f)
		return err
	}, `SELECT `+ownColumns("f")+`, ifnull((SELECT event_id FROM finding_event
			WHERE finding_id = f.id ORDER BY start DESC, event_id DESC LIMIT 1), 0)
		FROM finding f INDEXED BY finding_dest WHERE `+is+` AND f.rule_id = ? AND f.verdict = 0 AND f.first <= ?
		ORDER BY f.last DESC, f.id DESC LIMIT ?`, arg, detection.LoadFailureID, upTo(asOf), mostFailures)
}

// upTo is a second; nil: behind all.
func upTo(asOf *int64) int64 {
	if asOf == nil {
		return math.MaxInt64
	}
	return *asOf
}

// failed fills in the module that failed to load last, of hosts on which nothing was
// changed.
func failed(ctx context.Context, q conn, hosts []store.Host, asOf *int64, briefs []store.Brief) error {
	of := map[string]int{}
	var dests []string
	for i := range briefs {
		if briefs[i].Sentence != verdict.NoChange {
			continue
		}
		for _, name := range append([]string{hosts[i].Dest}, hosts[i].Also...) {
			of[name] = i
			dests = append(dests, name)
		}
	}
	if len(dests) == 0 {
		return nil
	}
	return each(ctx, q, func(r *sql.Rows) error {
		var asked string
		f, err := ownScan(r, &asked)
		f.Dest = asked
		if b := &briefs[of[f.Dest]]; b.Failed == nil || b.Failed.Last < f.Last {
			b.Failed = &f
		}
		return err
	}, `SELECT `+ownColumns("f")+`, d.value FROM json_each(?1) d JOIN finding f ON f.id =
		(SELECT id FROM finding INDEXED BY finding_dest WHERE dest = d.value AND rule_id = ?2 AND verdict = 0
			AND first <= ?3 ORDER BY last DESC, id DESC LIMIT 1)`, jsonList(dests), detection.LoadFailureID, upTo(asOf))
}
