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

// Rematch decodes stored records of one import and says which of them match.
// events[i] is recs[i] decoded.
type Rematch func(i intake.Import, recs []string, rules []*detection.Rule) (events []event.Event, matches []intake.Match, err error)

// UseRules makes the findings those of the rules given. A rule that is new to
// the database, or whose search or risk has changed, is run over all stored
// events; the findings of a rule that is gone go.
func (d *DB) UseRules(ctx context.Context, rules []*detection.Rule, rematch Rematch) (err error) {
	defer fault.Wrap(&err, "apply the rules")
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
	return d.Rebuild(ctx, rules, rematch)
}

// ruleDigest names what a rule's findings and risk events depend on.
func ruleDigest(r *detection.Rule) string {
	sum := sha256.Sum256(append([]byte(r.Plan.Fingerprint()+"\n"), r.Raw...))
	return hex.EncodeToString(sum[:])
}

// Rebuild makes all findings anew from the stored events, in one transaction.
// Findings keep their keys.
func (d *DB) Rebuild(ctx context.Context, rules []*detection.Rule, rematch Rematch) (err error) {
	defer fault.Wrap(&err, "rebuild the findings")
	return d.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM risk_event; DELETE FROM finding_window; DELETE FROM finding_event; DELETE FROM finding; DELETE FROM unattributed; DELETE FROM rule`)
		if err != nil {
			return err
		}
		for _, r := range rules {
			if _, err := tx.ExecContext(ctx, `INSERT INTO rule (id, name, digest) VALUES (?, ?, ?)`, r.ID, r.Name, ruleDigest(r)); err != nil {
				return err
			}
		}
		s := &storer{ctx: ctx, tx: tx}
		defer s.close()
		imports := map[int64]intake.Import{}
		for first := int64(0); ; {
			b, err := nextBlock(ctx, tx, first)
			if err != nil || b == nil {
				return err
			}
			i, ok := imports[b.importID]
			if !ok {
				if i, err = scanImport(tx.QueryRowContext(ctx, `SELECT `+importColumns+` FROM import WHERE id = ?`, b.importID)); err != nil {
					return err
				}
				imports[i.ID] = i
			}
			if err := s.rematch(i, b, rules, rematch); err != nil {
				return err
			}
			first = b.first + int64(len(b.raws))
		}
	})
}

// block is one block of original records.
type block struct {
	first    int64
	importID int64
	raws     []string
}

// nextBlock returns the block that begins at or after the event id, or nil.
func nextBlock(ctx context.Context, tx *sql.Tx, from int64) (*block, error) {
	var b block
	var count int
	var data []byte
	err := tx.QueryRowContext(ctx, `SELECT first_event, count, import_id, data FROM block WHERE first_event >= ? ORDER BY first_event LIMIT 1`, from).
		Scan(&b.first, &count, &b.importID, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	recs, err := unpack(data, count)
	if err != nil {
		return nil, err
	}
	for _, r := range recs {
		b.raws = append(b.raws, r.raw)
	}
	return &b, nil
}

func (s *storer) rematch(i intake.Import, b *block, rules []*detection.Rule, rematch Rematch) error {
	events, matches, err := rematch(i, b.raws, rules)
	if err != nil {
		return err
	}
	ids := make([]int64, len(events))
	for n := range ids {
		ids[n] = b.first + int64(n)
	}
	return applyMatches(s, events, matches, ids)
}
