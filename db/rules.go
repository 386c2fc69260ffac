package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/intake"
)

// UseRules makes the findings those of the rules given, and decodes stored
// records with dec from then on. A rule that is new to the database, or whose
// search or risk has changed, is run over all stored events; the findings of a
// rule that is gone go. It comes before the first batch.
func (d *DB) UseRules(ctx context.Context, rules []*detection.Rule, dec intake.Decoder) (err error) {
	defer fault.Wrap(&err, "apply the rules")
	d.rules, d.dec = rules, dec
	var known int
	if err := d.r.QueryRowContext(ctx, `SELECT count(*) FROM rule`).Scan(&known); err != nil {
		return err
	}
	stale := known != len(rules)
	for _, r := range rules {
		var digest string
		err := d.r.QueryRowContext(ctx, `SELECT digest FROM rule WHERE id = ?`, r.ID).Scan(&digest)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		stale = stale || digest != ruleDigest(r)
	}
	if !stale {
		return nil
	}
	return d.Rebuild(ctx)
}

// ruleDigest names what a rule's findings and risk events depend on.
func ruleDigest(r *detection.Rule) string {
	sum := sha256.Sum256(append([]byte(r.Plan.Fingerprint()+"\n"), r.Raw...))
	return hex.EncodeToString(sum[:])
}

// rebuildStep is how many events are matched before what they bring to the
// findings is stored.
const rebuildStep = 4096

// Rebuild makes all findings anew from the stored events, in one transaction.
// Findings keep their keys.
func (d *DB) Rebuild(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "rebuild the findings")
	return d.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM risk_event; DELETE FROM finding_window; DELETE FROM finding_event; DELETE FROM finding; DELETE FROM unattributed; DELETE FROM rule`)
		if err != nil {
			return err
		}
		for _, r := range d.rules {
			if _, err := tx.ExecContext(ctx, `INSERT INTO rule (id, name, digest) VALUES (?, ?, ?)`, r.ID, r.Name, ruleDigest(r)); err != nil {
				return err
			}
		}
		s := d.newStorer(ctx, tx)
		defer s.close()
		for last := int64(0); ; {
			ids, err := s.column(`SELECT id FROM event WHERE id > ? ORDER BY id LIMIT ?`, last, rebuildStep)
			if err != nil || len(ids) == 0 {
				return err
			}
			if err := s.matchStored(ids); err != nil {
				return err
			}
			last = ids[len(ids)-1]
		}
	})
}

// matchStored puts stored events into the rows they belong to.
func (s *storer) matchStored(ids []int64) error {
	events := make([]event.Event, len(ids))
	var all []intake.Match
	for i, id := range ids {
		e, err := s.stored(id)
		if err != nil {
			return err
		}
		events[i] = *e
		for _, m := range s.dec.Match(e, s.rules) {
			m.Event = i
			all = append(all, m)
		}
	}
	if err := s.matches(events, all, ids); err != nil {
		return err
	}
	return s.storeDeltas()
}
