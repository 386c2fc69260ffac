package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/intake"
)

// Replace makes an import that owner runs take the place of another one
// (Replaces) in one transaction: the records that the other one stored are
// decoded again with the new answers and stored as the new import's, then the
// other one is deleted, with its members. progress is told how far it is.
//
// Nobody sees a half of it. While it goes on, a write in front of which somebody
// sits, a note's, is let through after half a second: what was done is undone,
// and it begins again, with more and more patience.
func (d *DB) Replace(ctx context.Context, id int64, owner string, progress func(intake.Counts)) (err error) {
	defer fault.Wrap(&err, "import %d takes the place of another", id)
	for given := 0; ; given++ {
		r := &replacing{d: d, ctx: ctx, progress: progress, stubborn: given == mostGivenWay}
		err := d.writeLarge(ctx, func(t *tx) error {
			r.tx, r.began = t, time.Now()
			return r.all(id, owner)
		})
		if !errors.Is(err, errGivesWay) {
			return err
		}
		if err := sleep(ctx, min(givesWay<<given, mostPatient)); err != nil {
			return err
		}
	}
}

const (
	givesWay     = 50 * time.Millisecond // how long who gave way waits, at first
	mostPatient  = 5 * time.Second       // and at most
	mostGivenWay = 20
)

var errGivesWay = errors.New("a replacement gives way to another write")

// mayGoOn says whether it does: not when somebody has waited for long.
func (r *replacing) mayGoOn() error {
	if !r.stubborn && time.Since(r.began) > r.d.holdsOn && r.d.w.isWaitedFor() {
		return errGivesWay
	}
	return r.ctx.Err()
}

func (r *replacing) all(id int64, owner string) error {
	d, ctx, t := r.d, r.ctx, r.tx
	i, err := scanImport(t.QueryRowContext(ctx, `SELECT `+importColumns+` FROM import WHERE id = ? AND owner = ?
		AND status = ?`, id, owner, intake.Running))
	if err != nil {
		return notFound(err, "Import %d is not running.", id)
	}
	t.later = true
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
	return d.deleteTree(ctx, t, i.Replaces, r.mayGoOn)
}

func scanImports(ctx context.Context, t *tx, where string, args ...any) (out []intake.Import, err error) {
	err = each(ctx, t, func(r *sql.Rows) error {
		i, err := scanImport(r)
		out = append(out, i)
		return err
	}, `SELECT `+importColumns+` FROM import WHERE `+where, args...)
	return out, err
}

// So many records are stored again at once, of so many bytes.
const (
	replaceStep  = 1 << 14
	replaceBytes = 4 << 20
)

// replacing is one Replace under way.
type replacing struct {
	d        *DB
	ctx      context.Context
	tx       *tx
	progress func(intake.Counts)
	total    intake.Counts

	began    time.Time
	stubborn bool // it gives way to nobody

	read []intake.Sighting // that are to be stored
	size int               // their bytes
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
	if err := r.records(source, func(s intake.Sighting) error {
		if s.Record != 0 {
			s.Reading = i.Reading()
			r.read, r.size = append(r.read, s), r.size+len(s.Raw)
		}
		if r.size < replaceBytes && len(r.read) < replaceStep && s.Record != 0 {
			return nil
		}
		return r.store(&i)
	}); err != nil {
		return err
	}
	w, err := r.d.newWork(r.tx)
	if err != nil {
		return err
	}
	w.later = false
	err = w.settleRows(i.ID, true)
	w.later = true
	return err
}

// store stores the records that were read as a batch.
func (r *replacing) store(i *intake.Import) error {
	if len(r.read) == 0 {
		return nil
	}
	b := &intake.Batch{Import: i.ID, Owner: i.Owner, From: i.Records, Counts: intake.Counts{Bytes: i.Bytes}}
	if err := r.decode(b); err != nil {
		return err
	}
	before := i.Counts
	if _, err := r.d.storeBatch(r.ctx, r.tx, i, b); err != nil {
		return err
	}
	r.total.Read, r.total.New = r.total.Read+i.Read-before.Read, r.total.New+i.New-before.New
	r.total.Duplicate += i.Duplicate - before.Duplicate
	if r.progress != nil {
		r.progress(r.total)
	}
	clear(r.read)
	r.read, r.size = r.read[:0], 0
	return r.mayGoOn()
}

// decode makes events of the records and matches them, on all processors.
func (r *replacing) decode(b *intake.Batch) error {
	const together = 128
	r.d.mu.Lock()
	b.Rules = r.d.rules
	r.d.mu.Unlock()
	b.Events = make([]event.Event, len(r.read))
	parts := make([]struct {
		matches []detection.Match
		err     error
	}, (len(r.read)+together-1)/together)
	everywhere(len(parts), func(k int) {
		p := &parts[k]
		for n := k * together; n < min((k+1)*together, len(r.read)) && p.err == nil; n++ {
			e := &b.Events[n]
			if *e, p.err = r.d.dec.Merge(r.read[n : n+1]); p.err == nil {
				p.matches = b.Rules.Match(p.matches, n, e)
				e.Offset, e.Odd = r.read[n].Offset, detection.Odd(e)
				e.Fields, e.Message = nil, "" // by which it was matched alone
			}
		}
	})
	for k := range parts {
		if parts[k].err != nil {
			return parts[k].err
		}
		b.Matches = append(b.Matches, parts[k].matches...)
	}
	for n := range b.Events {
		b.Count(&b.Events[n])
	}
	b.Records = int64(len(b.Events))
	return nil
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
