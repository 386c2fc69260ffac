package db

import (
	"fmt"
	"maps"
	"slices"

	"escutcheon/eventstore/block"
)

// blockInfo is a block without what lies in it.
type blockInfo struct {
	first, count, imported, reading, size int64
	summary                               block.Summary
}

const infoColumns = `first, count, import_id, reading_id, size, summary`

func scanInfo(row interface{ Scan(...any) error }) (blockInfo, error) {
	var b blockInfo
	var summary []byte
	if err := row.Scan(&b.first, &b.count, &b.imported, &b.reading, &b.size, &summary); err != nil {
		return b, err
	}
	var err error
	if b.summary, err = block.DecodeSummary(summary); err != nil {
		met.Add(1)
		b.summary = block.Unknown(int(b.count)) // whoever asks looks into the columns
	}
	return b, nil
}

// damaged says which block cannot be read.
func damaged(first int64, err error) error { return fmt.Errorf("block %d: %w", first, err) }

// addBlock stores a block.
func (w *work) addBlock(b blockInfo, c *block.Columns, p *block.Packed) error {
	if err := w.touch(); err != nil {
		return err
	}
	b.count, b.size, b.summary = int64(p.Count), int64(p.Size), c.Summarize(b.first)
	if _, err := w.exec(`INSERT INTO block (`+infoColumns+`) VALUES (?, ?, ?, ?, ?, ?)`,
		b.first, b.count, b.imported, b.reading, b.size, b.summary.Encode()); err != nil {
		return err
	}
	if err := w.putParts(&b, c, p, w.seedIn(&b, c)); err != nil {
		return err
	}
	w.mem.came(b)
	w.mem.keep(b.first, c)
	return nil
}

// putParts stores what lies in a block.
func (w *work) putParts(b *blockInfo, c *block.Columns, p *block.Packed, seed seedOf) error {
	first := b.first
	words := p.Words
	if words == nil {
		words = []byte{}
	}
	if _, err := w.exec(`INSERT INTO block_words (first, data, sum) VALUES (?1, ifnull(?2, x''), ?3)
		ON CONFLICT DO UPDATE SET data = excluded.data, sum = excluded.sum`, first, words,
		checksum[any](first, words)); err != nil {
		return err
	}
	return w.contents().put(w.tx, first, c, p, seed)
}

// storeColumns stores the columns that were changed.
func (w *work) storeColumns() error {
	for _, first := range slices.Sorted(maps.Keys(w.dirty)) {
		b, err := w.info(first)
		if err != nil {
			return err
		}
		c := w.dirty[first]
		b.summary, w.mem.reaches = c.Summarize(first), nil
		if _, err := w.exec(`UPDATE block SET summary = ? WHERE first = ?`, b.summary.Encode(), first); err != nil {
			return err
		}
		if err := w.contents().change(w.tx, first, c, w.seedIn(b, c)); err != nil {
			return err
		}
	}
	clear(w.dirty)
	err := w.countAnew(w.lost)
	clear(w.lost)
	return err
}

// recount notes that an event of a block came to hosts, went, or says something
// else of when and where it was.
func (w *work) recount(b *blockInfo, hosts ...int64) {
	if b.first > w.counted {
		return
	}
	for _, id := range hosts {
		w.lost[id] = true
	}
}

// dropBlock deletes a block.
func (w *work) dropBlock(first int64) error {
	if err := w.touch(); err != nil {
		return err
	}
	delete(w.dirty, first)
	w.mem.drop(first)
	w.events.forget(first)
	err := w.do([]any{first}, `DELETE FROM block WHERE first = ?`, `DELETE FROM odd_block WHERE first = ?`)
	if err != nil {
		return err
	}
	if w.brief { // strip does the rest
		_, err := w.exec(noteBare, first)
		return err
	}
	return dropParts(w.tx, first)
}

// dropParts deletes what lies in a block.
func dropParts(t *tx, first int64) error {
	if _, err := t.exec(`DELETE FROM block_words WHERE first = ?`, first); err != nil {
		return err
	}
	return t.contents().drop(t, first)
}

// own gives a block to an import, or (0) to none.
func (w *work) own(b *blockInfo, imported int64) error {
	if err := w.touch(); err != nil {
		return err
	}
	b.imported = imported
	w.events.forget(b.first)
	_, err := w.exec(`UPDATE block SET import_id = ? WHERE first = ?`, imported, b.first)
	return err
}
