package db

import (
	"context"

	"escutcheon/fault"
	"escutcheon/intake"
)

// StoreWhole stores small files, each whole, all of them in one transaction, in
// their order: the import as it ends, its records, the bytes of what it
// rejected. A file that was imported before with the same answers is only
// recognised. It returns the imports as they stand then. A member whose archive
// owner does not run any more is a conflict, and so is an import that is not
// waiting; then nothing is stored.
func (d *DB) StoreWhole(ctx context.Context, owner string, files []intake.Whole) (out []intake.Import, err error) {
	defer fault.Wrap(&err, "store %d files", len(files))
	packed := make([][][]byte, len(files))
	for i := range files { // before the lock is taken
		packed[i] = packRejected(files[i].Rejected)
	}
	err = d.writeLarge(ctx, func(t *tx) error {
		t.whole = true
		out = make([]intake.Import, 0, len(files))
		for i := range files {
			done, err := d.storeWhole(ctx, t, owner, &files[i], packed[i])
			if err != nil {
				return err
			}
			out = append(out, done)
		}
		s, _, err := d.settlerNow(t)
		if err != nil || s == nil { // nothing was stored but what was known
			return err
		}
		return s.all()
	})
	return out, err
}

func (d *DB) storeWhole(ctx context.Context, t *tx, owner string, f *intake.Whole, packed [][]byte) (
	i intake.Import, err error) {
	if i, err = d.beginWhole(t, owner, f); err != nil {
		return i, err
	}
	same, err := false, error(nil)
	switch {
	case f.Artifact != nil: // the same bytes at two places are two artifacts
		f.Artifact.Import = i.ID
		if earlier, e := t.sameArtifact(f.Artifact, i.ID); e != nil || earlier != 0 {
			same, err = earlier != 0, e
			if same {
				same, err = d.repeats(t, &i, owner, earlier)
			}
		}
	case f.SHA256 != "":
		same, err = d.recognise(t, &i, owner)
	}
	if err == nil && !same {
		err = d.fillWhole(ctx, t, &i, f, packed)
	}
	if err != nil {
		return i, err
	}
	return scanImport(t.QueryRowContext(ctx, `SELECT `+importColumns+` FROM import WHERE id = ?`, i.ID))
}

// beginWhole makes the file's import run.
func (d *DB) beginWhole(t *tx, owner string, f *intake.Whole) (intake.Import, error) {
	if f.Parent != 0 {
		var runs int
		err := t.get(`SELECT count(*) FROM import WHERE id = ? AND owner = ? AND status = ?`,
			[]any{f.Parent, owner, intake.Running}, &runs)
		if err == nil && runs == 0 && f.ID == 0 {
			err = fault.New(fault.Conflict, "The archive is not imported any more.")
		}
		if err != nil {
			return intake.Import{}, err
		}
	}
	if f.ID != 0 {
		i, err := d.startImport(t, f.ID, f.From, owner)
		if err == nil && i.Records != 0 {
			err = fault.New(fault.Conflict, "The import has been stored in part already.")
		}
		return i, err
	}
	i := f.Import
	i.Owner, i.Status, i.Path, i.Counts = owner, intake.Running, "", intake.Counts{}
	id, err := d.addImport(t.ctx, t, i)
	i.ID = id
	return i, err
}

// fillWhole stores the file's records and ends its import.
func (d *DB) fillWhole(ctx context.Context, t *tx, i *intake.Import, f *intake.Whole, packed [][]byte) error {
	i.Format, i.Encoding, i.Compression, i.Carrier = f.Format, f.Encoding, f.Compression, f.Carrier
	i.Note, i.Missing = f.Note, f.Missing
	if b := f.Batch; b != nil {
		b.Import, b.Owner = i.ID, i.Owner
		if _, err := d.storeBatch(ctx, t, i, b); err != nil {
			return err
		}
	}
	if f.Artifact != nil {
		if err := t.putArtifact(f.Artifact); err != nil {
			return err
		}
	}
	if err := t.keepRejected(i.ID, f.Rejected, packed); err != nil {
		return err
	}
	now := d.now().UnixNano()
	if _, err := t.exec(`UPDATE import SET format = ?, encoding = ?, compression = ?, carrier = ?, note = ?, missing = ?, status = ?,
		reason = ?, started = ifnull(started, ?), finished = ?, path = '' WHERE id = ?`,
		f.Format, f.Encoding, f.Compression, f.Carrier, f.Note, f.Missing, f.Status, f.Reason, now, now, i.ID); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM ordinal WHERE import_id = ?`, i.ID)
	return err
}
