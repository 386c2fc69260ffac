package db

import (
	"context"

	"escutcheon/fault"
	"escutcheon/intake"
)

// smallBatch is up to how many records share a transaction with other writes.
const smallBatch = 256

// StoreBatch stores a batch of a running import in one transaction (which a power
// cut may take back until the import has ended; it goes on there): the events
// that are new, the findings and risk events they touch, the rejections and
// the counts. It returns the import's counts after it. An import that is not
// running for b.Owner any more is a conflict, and nothing is stored.
func (d *DB) StoreBatch(ctx context.Context, b *intake.Batch) (total intake.Counts, err error) {
	defer fault.Wrap(&err, "store a batch of import %d", b.Import)
	write := d.writeQuietly
	var behind *late
	if len(b.Events)+len(b.Rejections) > smallBatch {
		write, behind = d.writeLax, &d.late // the end of the import is final
	}
	err = write(ctx, func(t *tx) error {
		t.late = behind
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
	b, expired := w.unexpired(b)
	s, err := w.beginBatch(i, b)
	if err != nil {
		return total, err
	}
	s.counts.Read, s.counts.Expired = s.counts.Read+expired, expired
	for _, step := range []func() error{s.identify, s.store, s.match, s.settle} {
		if err := step(); err != nil {
			return total, err
		}
	}
	if err := s.storeRejections(i.Rejected); err != nil {
		return total, err
	}
	i.Counts.Add(s.counts)
	_, err = t.exec(`UPDATE import SET bytes = ?, records = ?, read = ?, new = ?, duplicate = ?, rejected = ?,
		timeless = ?, nameless = ?, zoneless = ?, undated = ?, windows1252 = ?, expired = ?, beat = ? WHERE id = ?`,
		i.Bytes, i.Records, i.Read, i.New, i.Duplicate, i.Rejected, i.Timeless, i.Nameless, i.Zoneless, i.Undated,
		i.Windows1252, i.Expired, d.now().UnixNano(), b.Import)
	return i.Counts, err
}

// match puts the new events into the findings that they are in.
func (s *batch) match() error {
	s.cascade.First = s.first
	if s.b.Rules == s.rules || s.counts.New == 0 {
		return s.cascade.Came(s.b.Events, s.ids, s.b.Matches, s.rules)
	}
	matches, err := s.matchAgain()
	if err != nil {
		return err
	}
	return s.cascade.Came(s.b.Events, s.ids, matches, s.rules)
}

// settle brings up to date what rests on the events that are seen differently,
// and stores the further sightings.
func (s *batch) settle() error {
	if err := s.settleVariants(); err != nil {
		return err
	}
	if err := s.addAgain(s.b.Import, s.again); err != nil {
		return err
	}
	s.cascade.Later = true
	if err := s.cascade.Settle(); err != nil {
		return err
	}
	return s.settleRows(s.b.Import, true)
}
