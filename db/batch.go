package db

import (
	"context"

	"escutcheon/fault"
	"escutcheon/intake"
)

// smallBatch is up to how many records share a transaction with other writes.
const smallBatch = 256

// StoreBatch stores a batch of a running import in one transaction: the events
// that are new, the findings and risk events they touch, the rejections and
// the counts. It returns the import's counts after it. An import that is not
// running for b.Owner any more is a conflict, and nothing is stored.
func (d *DB) StoreBatch(ctx context.Context, b *intake.Batch) (total intake.Counts, err error) {
	defer fault.Wrap(&err, "store a batch of import %d", b.Import)
	write := d.writeQuietly
	if len(b.Events)+len(b.Rejections) > smallBatch {
		write = d.writeLarge
	}
	err = write(ctx, func(t *tx) error {
		i, err := scanImport(t.QueryRowContext(ctx, `SELECT `+importColumns+` FROM import WHERE id = ?`, b.Import))
		if err != nil {
			return err
		}
		if i.Status != intake.Running {
			return fault.New(fault.Conflict, "The import was %s.", i.Status)
		}
		if i.Owner != b.Owner {
			return fault.New(fault.Conflict, "Another process has taken the import over.")
		}
		if i.Records != b.From { // never twice, whatever went wrong before
			return fault.New(fault.Conflict, "The import has been stored further already.")
		}
		total, err = d.storeBatch(ctx, t, &i, b)
		return err
	})
	return total, err
}

// storeBatch stores a batch of an import in a transaction.
func (d *DB) storeBatch(ctx context.Context, t *tx, i *intake.Import, b *intake.Batch) (
	total intake.Counts, err error) {
	w, err := d.newWork(t)
	if err != nil {
		return total, err
	}
	s, err := w.beginBatch(i, b)
	if err != nil {
		return total, err
	}
	if err := s.storeEvents(); err != nil {
		return total, err
	}
	if err := w.cascade.Came(b.Events, s.ids, b.Matches, b.Rules); err != nil {
		return total, err
	}
	if err := w.settle(b.Import); err != nil {
		return total, err
	}
	if err := s.storeRejections(i.Rejected); err != nil {
		return total, err
	}
	i.Counts.Add(s.counts)
	_, err = t.exec(`UPDATE import SET bytes = ?, records = ?, read = ?, new = ?, duplicate = ?, rejected = ?,
		timeless = ?, nameless = ?, zoneless = ?, undated = ?, windows1252 = ?, beat = ? WHERE id = ?`,
		i.Bytes, i.Records, i.Read, i.New, i.Duplicate, i.Rejected, i.Timeless, i.Nameless, i.Zoneless, i.Undated,
		i.Windows1252, d.now().UnixNano(), b.Import)
	return i.Counts, err
}

// batch is a batch of an import that is being stored.
type batch struct {
	*work
	b      *intake.Batch
	counts intake.Counts
	ids    []int64 // of the batch's events; 0 for a duplicate
	blocks *blocks
}

// beginBatch makes ready for a batch of an import.
func (w *work) beginBatch(i *intake.Import, b *intake.Batch) (s *batch, err error) {
	s = &batch{work: w, b: b, counts: b.Counts, ids: make([]int64, len(b.Events))}
	s.counts.Read, s.counts.Rejected = int64(len(b.Events)), int64(len(b.Rejections))
	s.blocks, err = w.newBlocks(i)
	return s, err
}
