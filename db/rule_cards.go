package db

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"escutcheon/detection"
	"escutcheon/fault"
)

// RuleCards are the cards of the files of rules, see detection.Cards.
func (d *DB) RuleCards(ctx context.Context) (out map[detection.CardKey]string, err error) {
	out = map[detection.CardKey]string{}
	err = d.rows(ctx, func(r *sql.Rows) error {
		var file []byte
		var data string
		err := r.Scan(&file, &data)
		if err == nil && len(file) == len(detection.CardKey{}) {
			out[detection.CardKey(file)] = data
		}
		return err
	}, `SELECT file, data FROM rule_card`)
	return out, err
}

// cardsTogether is how many cards are written in one transaction.
const cardsTogether = 256

// ChangeRuleCards puts cards and drops some, in steps.
func (d *DB) ChangeRuleCards(ctx context.Context, c detection.CardChanges) (err error) {
	defer fault.Wrap(&err, "keep what was read of the rules")
	steps := func(keys []detection.CardKey, query string, data func(detection.CardKey) []any) error {
		for part := range slices.Chunk(keys, cardsTogether) {
			if err := d.writeLax(ctx, func(t *tx) error {
				for _, key := range part {
					if _, err := t.exec(query, data(key)...); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	}
	if err := steps(slices.Collect(maps.Keys(c.Put)), `INSERT INTO rule_card (file, data) VALUES (?1, ?2)
		ON CONFLICT DO UPDATE SET data = ?2`,
		func(k detection.CardKey) []any { return []any{k[:], []byte(c.Put[k])} }); err != nil {
		return err
	}
	return steps(c.Drop, `DELETE FROM rule_card WHERE file = ?`, func(k detection.CardKey) []any { return []any{k[:]} })
}
