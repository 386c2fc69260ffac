package db

import (
	"context"
	"database/sql"
	"encoding/binary"
	"maps"
	"slices"

	"escutcheon/detection"
	"escutcheon/eventstore/block"
	"escutcheon/fault"
)

// sealedCard is a card as it is kept, with a checksum over it and its file's hash.
func sealedCard(file detection.CardKey, data string) []byte {
	b := append(file[:], data...)
	return binary.LittleEndian.AppendUint32(b[len(file):], block.Sum(b))
}

// cardOf is the card that is kept; false for one that is damaged.
func cardOf(file, kept []byte) (key detection.CardKey, data string, ok bool) {
	n := len(kept) - 4
	if len(file) != len(key) || n < 0 {
		return key, "", false
	}
	sum := block.Sum(slices.Concat(file, kept[:n]))
	return detection.CardKey(file), string(kept[:n]), sum == binary.LittleEndian.Uint32(kept[n:])
}

// RuleCards are the cards of the files of rules, see detection.Cards. One that is damaged
// is left out: it is made again.
func (d *DB) RuleCards(ctx context.Context) (out map[detection.CardKey]string, err error) {
	out = map[detection.CardKey]string{}
	err = d.rows(ctx, func(r *sql.Rows) error {
		var file, kept sql.RawBytes
		err := r.Scan(&file, &kept)
		if key, data, ok := cardOf(file, kept); err == nil && ok {
			out[key] = data
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
		func(k detection.CardKey) []any { return []any{k[:], sealedCard(k, c.Put[k])} }); err != nil {
		return err
	}
	return steps(c.Drop, `DELETE FROM rule_card WHERE file = ?`, func(k detection.CardKey) []any { return []any{k[:]} })
}
