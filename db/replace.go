package db

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
)

// Replace makes an import that owner runs take the place of another one
// (Replaces) in one transaction: the records that the other one stored are
// decoded again with the new answers and stored as the new import's, then the
// other one is deleted, with its members. progress is told how far it is.
func (d *DB) Replace(ctx context.Context, id int64, owner string, progress func(intake.Counts)) (err error) {
	defer fault.Wrap(&err, "import %d takes the place of another", id)
	return d.writeLarge(ctx, func(t *tx) error {
		i, err := scanImport(t.QueryRowContext(ctx, `SELECT `+importColumns+` FROM import WHERE id = ? AND owner = ?
			AND status = ?`, id, owner, intake.Running))
		if err != nil {
			return notFound(err, "Import %d is not running.", id)
		}
		r := &replacing{d: d, ctx: ctx, tx: t, progress: progress}
		if err := r.one(i, i.Replaces); err != nil {
			return err
		}
		members, err := scanImports(ctx, t, `parent = ? ORDER BY ordinal, id`, i.Replaces)
		if err != nil {
			return err
		}
		for _, m := range members {
			if err := r.member(i, m); err != nil {
				return err
			}
		}
		if _, err := t.exec(`UPDATE import SET bytes = size WHERE id = ?1 OR parent = ?1`, id); err != nil {
			return err
		}
		if len(members) > 0 {
			if _, err := t.exec(sumOfMembers, id); err != nil {
				return err
			}
		}
		return d.deleteTree(ctx, t, i.Replaces)
	})
}

func scanImports(ctx context.Context, t *tx, where string, args ...any) (out []intake.Import, err error) {
	err = each(ctx, t, func(r *sql.Rows) error {
		i, err := scanImport(r)
		out = append(out, i)
		return err
	}, `SELECT `+importColumns+` FROM import WHERE `+where, args...)
	return out, err
}

// replaceStep is how many records are stored again at once.
const replaceStep = 2048

// replacing is one Replace under way.
type replacing struct {
	d        *DB
	ctx      context.Context
	tx       *tx
	progress func(intake.Counts)
	total    intake.Counts
}

// member gives the new archive i a member in the place of the old one's m.
func (r *replacing) member(i, m intake.Import) error {
	n := m
	n.Parent, n.Zone, n.Computer, n.Dates, n.Owner, n.Path, n.Status = i.ID, i.Zone, i.Computer, i.Dates, i.Owner, "",
		intake.Running
	id, err := r.d.addImport(r.ctx, r.tx, n)
	if err != nil {
		return err
	}
	if n, err = scanImport(r.tx.QueryRowContext(r.ctx, `SELECT `+importColumns+` FROM import WHERE id = ?`,
		id)); err != nil {
		return err
	}
	if err := r.one(n, m.ID); err != nil {
		return err
	}
	_, err = r.tx.exec(`UPDATE import SET status = ?, reason = ?, started = ?, finished = ?, owner = ''
		WHERE id = ?`,
		m.Status, m.Reason, nanos(m.Started), nanos(m.Finished), id)
	return err
}

func nanos(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}

// one stores the records of an import again as those of i. An import that only
// recognised its file takes them from the one that it repeats.
func (r *replacing) one(i intake.Import, old int64) error {
	source := old
	err := r.tx.QueryRowContext(r.ctx, `UPDATE import SET (format, encoding, compression, rejected, skipped, missing,
		note) = (SELECT format, encoding, compression, rejected, skipped, missing, trim(note || ' ' || reason)
			FROM import WHERE id = ?1) WHERE id = ?2
		RETURNING (SELECT ifnull(same_as, id) FROM import WHERE id = ?1)`, old, i.ID).Scan(&source)
	if err != nil {
		return err
	}
	for _, q := range []string{`INSERT INTO rejection (import_id, n, offset, length, reason, sample) SELECT ?2, n,
		offset, length, reason, sample FROM rejection WHERE import_id = ?1`,
		`INSERT INTO rejected_bytes (import_id, n, part, data) SELECT ?2, n, part, data FROM rejected_bytes
			WHERE import_id = ?1`} {
		if _, err := r.tx.exec(q, source, i.ID); err != nil {
			return err
		}
	}
	if i, err = scanImport(r.tx.QueryRowContext(r.ctx, `SELECT `+importColumns+` FROM import WHERE id = ?`,
		i.ID)); err != nil {
		return err
	}
	b := &intake.Batch{Import: i.ID, Owner: i.Owner}
	return r.records(source, func(s intake.Sighting) error {
		if s.Record != 0 {
			s.Reading = i.Reading()
			e, err := r.d.dec.Merge([]intake.Sighting{s})
			if err != nil {
				return err
			}
			e.Offset = s.Offset
			b.Events = append(b.Events, e)
			b.Records++
			b.Count(&e)
		}
		if len(b.Events) < replaceStep && s.Record != 0 || len(b.Events) == 0 {
			return nil
		}
		return r.store(&i, b)
	})
}

// store stores a batch, whose matches the store makes, and empties it.
func (r *replacing) store(i *intake.Import, b *intake.Batch) error {
	b.From, b.Bytes = i.Records, i.Bytes
	before := i.Counts
	if _, err := r.d.storeBatch(r.ctx, r.tx, i, b); err != nil {
		return err
	}
	r.total.Read, r.total.New = r.total.Read+i.Read-before.Read, r.total.New+i.New-before.New
	r.total.Duplicate += i.Duplicate - before.Duplicate
	if r.progress != nil {
		r.progress(r.total)
	}
	b.Events, b.Matches, b.Rules, b.Counts = nil, nil, nil, intake.Counts{}
	return r.ctx.Err()
}

// records calls visit for every sighting of an import in the order of its
// file, and at the end once with none.
func (r *replacing) records(id int64, visit func(intake.Sighting) error) error {
	recs := newRecords(r.ctx, r.tx)
	more, err := againOfFile(r.ctx, r.tx, id)
	if err != nil {
		return err
	}
	blocks, err := numbers(r.ctx, r.tx, `SELECT first FROM block WHERE import_id = ? ORDER BY first`, id)
	if err != nil {
		return err
	}
	for _, first := range blocks {
		if more, err = r.block(recs, id, first, more, visit); err != nil {
			return err
		}
	}
	for _, s := range more {
		if err := r.again(recs, s, visit); err != nil {
			return err
		}
	}
	return visit(intake.Sighting{})
}

// block visits the first sightings in a block, and before each the further ones
// that come before it; it returns those that do not.
func (r *replacing) block(recs *records, id, first int64, more []again, visit func(intake.Sighting) error) (
	[]again, error) {
	_, c, err := columnsHolding(r.ctx, r.tx, first)
	if err != nil {
		return nil, err
	}
	o, err := recs.block(first)
	if err != nil {
		return nil, err
	}
	for n := range o.Len() {
		offset, raw := o.Record(n)
		for len(more) > 0 && more[0].offset < offset {
			if err := r.again(recs, more[0], visit); err != nil {
				return nil, err
			}
			more = more[1:]
		}
		record := first + int64(n)
		if c.Event[n] != record { // a variant, which is among the further ones
			continue
		}
		if err := visit(intake.Sighting{Import: id, Offset: offset, Record: record, Raw: raw}); err != nil {
			return nil, err
		}
	}
	return more, nil
}

// again visits a sighting that is no event's first.
func (r *replacing) again(recs *records, s again, visit func(intake.Sighting) error) error {
	rec, err := recs.record(s.record)
	if err != nil {
		return err
	}
	return visit(intake.Sighting{Import: s.imported, Offset: s.offset, Record: s.record, Raw: rec.Raw})
}

// againOfFile are the sightings of an import that are no event's first, in the
// order of the file.
func againOfFile(ctx context.Context, q queryer, id int64) (out []again, err error) {
	err = each(ctx, q, func(r *sql.Rows) error {
		var data []byte
		if err := r.Scan(&data); err != nil {
			return err
		}
		return unpackAgain(data, id, func(s again) { out = append(out, s) })
	}, `SELECT data FROM again WHERE import_id = ? ORDER BY id`, id)
	slices.SortStableFunc(out, func(a, b again) int { return cmp.Compare(a.offset, b.offset) })
	return out, err
}

func numbers(ctx context.Context, t *tx, query string, args ...any) (out []int64, err error) {
	err = each(ctx, t, func(r *sql.Rows) error {
		var n int64
		err := r.Scan(&n)
		out = append(out, n)
		return err
	}, query, args...)
	return out, err
}
