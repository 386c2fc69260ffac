package db

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"math"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

// UseRules puts rules into force: the findings become those of the rules given, and stored
// records are decoded with dec from then on. The findings of a rule that is gone go. A rule
// that is new to the database, or whose text or search has changed, is yet to
// be run over the stored events (CatchUp); one whose filter alone has changed
// is filtered again at once. It comes before the first batch.
func (d *DB) UseRules(ctx context.Context, rules *detection.Rules, dec intake.Decoder) (err error) {
	defer fault.Wrap(&err, "apply the rules")
	var version int64
	err = d.write(ctx, func(tx *sql.Tx) error {
		s := d.newStorer(ctx, tx)
		s.rules, s.dec = rules, dec
		defer s.close()
		changed, err := s.useRules(rules.All())
		if err != nil {
			return err
		}
		if changed {
			if _, err := s.exec(`UPDATE ruleset SET version = version + 1`); err != nil {
				return err
			}
		}
		return s.get(`SELECT version FROM ruleset`, nil, &version)
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rules, d.dec, d.ruleVersion = rules, dec, version
	return nil
}

// useRules compares the rules with those stored and says whether any differs.
func (s *storer) useRules(rules []*detection.Rule) (changed bool, err error) {
	type stored struct{ digest, filter string }
	old := map[string]stored{}
	err = each(s.ctx, s.tx, func(r *sql.Rows) error {
		var id string
		var v stored
		err := r.Scan(&id, &v.digest, &v.filter)
		old[id] = v
		return err
	}, `SELECT id, digest, filter FROM rule`)
	if err != nil {
		return false, err
	}
	for _, r := range rules {
		was, known := old[r.ID]
		delete(old, r.ID)
		now := stored{ruleDigest(r), filterDigest(r)}
		switch {
		case known && was == now:
			continue
		case known && was.digest == now.digest:
			err = s.refilter(r)
		default:
			err = s.forget(r.ID)
		}
		if err != nil {
			return false, err
		}
		changed = true
		var cursor any // with nothing stored there is nothing to catch up with
		if err := s.get(`SELECT CASE WHEN EXISTS (SELECT 1 FROM event) THEN 0 END`, nil, &cursor); err != nil {
			return false, err
		}
		if known && was.digest == now.digest {
			if err := s.get(`SELECT cursor FROM rule WHERE id = ?`, []any{r.ID}, &cursor); err != nil {
				return false, err
			}
		}
		if _, err := s.exec(`INSERT INTO rule (id, name, digest, filter, cursor) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET name = excluded.name, digest = excluded.digest, filter = excluded.filter, cursor = excluded.cursor`,
			r.ID, r.Name, now.digest, now.filter, cursor); err != nil {
			return false, err
		}
	}
	for id := range old {
		if err := s.forget(id); err != nil {
			return false, err
		}
		if _, err := s.exec(`DELETE FROM rule WHERE id = ?`, id); err != nil {
			return false, err
		}
		changed = true
	}
	return changed, nil
}

// ruleDigest names what a rule's states, findings and risk events depend on,
// its filter left out.
func ruleDigest(r *detection.Rule) string {
	sum := sha256.Sum256(append([]byte(r.Unfiltered()+"\n"), r.Raw...))
	return hex.EncodeToString(sum[:])
}

func filterDigest(r *detection.Rule) string { return r.Plan.Fingerprint() }

// forget deletes what a rule found.
func (s *storer) forget(rule string) error {
	const of = ` WHERE finding_id IN (SELECT id FROM finding WHERE rule_id = ?)`
	for _, q := range []string{`DELETE FROM risk_event` + of, `DELETE FROM threat_object` + of, `DELETE FROM finding_window` + of,
		`DELETE FROM finding_event` + of, `DELETE FROM finding WHERE rule_id = ?`, `DELETE FROM unattributed WHERE rule_id = ?`} {
		if _, err := s.exec(q, rule); err != nil {
			return err
		}
	}
	return nil
}

// refilter makes a rule's rows and risk anew from the states of its findings.
func (s *storer) refilter(r *detection.Rule) error {
	ids, err := s.column(`SELECT id FROM finding WHERE rule_id = ? AND made = 0`, r.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		f, err := s.findingByID(id)
		if err != nil {
			return err
		}
		starts, err := s.column(`SELECT start FROM finding_window WHERE finding_id = ?`, id)
		if err != nil {
			return err
		}
		for _, start := range starts {
			w, err := s.window(f.rule, id, start)
			if err != nil {
				return err
			}
			if err := s.storeWindow(id, f, start, w); err != nil {
				return err
			}
		}
		if err := s.total(id, f); err != nil {
			return err
		}
	}
	return s.storeMade()
}

// cursors reads how far each rule was run. The rules must be those that the
// database knows.
func (s *storer) cursors(d *DB) error {
	var version int64
	if err := s.get(`SELECT version FROM ruleset`, nil, &version); err != nil {
		return err
	}
	d.mu.Lock()
	known := d.ruleVersion
	d.mu.Unlock()
	if version != known {
		return intake.ErrStale
	}
	return each(s.ctx, s.tx, func(r *sql.Rows) error {
		var id string
		var cursor sql.NullInt64
		err := r.Scan(&id, &cursor)
		s.runs[id] = cursor.Int64
		if !cursor.Valid {
			s.runs[id] = math.MaxInt64
		}
		return err
	}, `SELECT id, cursor FROM rule`)
}

// ran leaves the matches of rules that were run over an event.
func (s *storer) ran(id int64, all []detection.Match) (out []detection.Match) {
	for _, m := range all {
		if s.runs[m.Rule.ID] >= id {
			out = append(out, m)
		}
	}
	return out
}

// catchUpStep is how many events are matched in one transaction of CatchUp
// where DB.Step says nothing, so that imports find their turn.
const catchUpStep = 2048

// CatchUp runs the rules that are behind over the next stored events, and says
// what is left. It is called again and again until Rules is 0; imports go on
// between two calls, and what they store meanwhile is run over too.
func (d *DB) CatchUp(ctx context.Context) (left store.Behind, err error) {
	defer fault.Wrap(&err, "run rules over the stored events")
	err = d.write(ctx, func(tx *sql.Tx) error {
		s := d.newStorer(ctx, tx)
		defer s.close()
		if err := s.cursors(d); err != nil {
			return err
		}
		if err := s.catchUp(cmp.Or(d.Step, catchUpStep)); err != nil {
			return err
		}
		return s.get(`SELECT count(*), ifnull(min(cursor), 0), (SELECT ifnull(max(id), 0) FROM event) FROM rule WHERE cursor IS NOT NULL`, nil,
			&left.Rules, &left.Done, &left.Events)
	})
	return left, err
}

// catchUp runs the rules that are furthest behind over some events.
func (s *storer) catchUp(step int) error {
	var from sql.NullInt64
	if err := s.get(`SELECT min(cursor) FROM rule`, nil, &from); err != nil || !from.Valid {
		return err
	}
	ids, err := s.column(`SELECT id FROM event WHERE id > ? ORDER BY id LIMIT ?`, from.Int64, step)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		_, err := s.exec(`UPDATE rule SET cursor = NULL WHERE cursor = ?`, from.Int64)
		return err
	}
	var next any = ids[len(ids)-1]
	behind := map[string]bool{}
	for id, at := range s.runs {
		behind[id] = at == from.Int64
	}
	events := make([]event.Event, len(ids))
	var all []detection.Match
	for i, id := range ids {
		e, err := s.stored(id)
		if err != nil {
			return err
		}
		events[i] = *e
		for _, m := range s.rules.Match(nil, i, e) {
			if behind[m.Rule.ID] {
				all = append(all, m)
			}
		}
	}
	for id := range behind { // from here on they were run over these
		if behind[id] {
			s.runs[id] = ids[len(ids)-1]
		}
	}
	if err := s.matches(events, all, ids); err != nil {
		return err
	}
	if err := s.storeDeltas(); err != nil {
		return err
	}
	if err := s.storeMade(); err != nil {
		return err
	}
	_, err = s.exec(`UPDATE rule SET cursor = ? WHERE cursor = ?`, next, from.Int64)
	return err
}

// Rebuild makes all findings anew from the stored events. Findings keep their
// keys.
func (d *DB) Rebuild(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "rebuild the findings")
	err = d.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM risk_event; DELETE FROM threat_object; DELETE FROM finding_window; DELETE FROM finding_event;
			DELETE FROM finding; DELETE FROM unattributed; UPDATE rule SET cursor = 0`)
		return err
	})
	for err == nil {
		var left store.Behind
		if left, err = d.CatchUp(ctx); left.Rules == 0 {
			break
		}
	}
	return err
}
