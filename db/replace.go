package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/intake"
)

// Replace makes an import that owner runs take the place of another one
// (Replaces), which then goes, with its members. The records that the other one
// stored are decoded again with the new answers and made ready in steps that
// nobody sees (stage.go); one transaction then puts them in the other one's place,
// and ends the import (switch.go). Bytes that are left of the other one go in steps.
// progress is told how much is ready. One that does not come to its end leaves all
// as it was; DropStaged takes away what it had ready.
func (d *DB) Replace(ctx context.Context, id int64, owner string, progress func(intake.Counts)) (err error) {
	defer fault.Wrap(&err, "import %d takes the place of another", id)
	for {
		r := &replacing{d: d, ctx: ctx, owner: owner, progress: progress, hosts: map[int64]*stagedHost{},
			spellings: map[string]int64{}}
		if err = r.stage(id); err == nil {
			err = r.switchOver()
		}
		if err == nil {
			return d.DropStaged(ctx)
		}
		if !errors.Is(err, errOtherRules) {
			return err
		}
	}
}

// errOtherRules says that the rules in force are not those that what is ready was
// matched with: it begins again.
var errOtherRules = errors.New("the rules were changed meanwhile")

// replacing is one Replace under way.
type replacing struct {
	d        *DB
	ctx      context.Context
	owner    string
	progress func(intake.Counts)
	total    intake.Counts

	root  intake.Import
	rules *detection.Rules
	dec   intake.Decoder
	units []*unit

	pending   []*stretch // to be stored together
	held      int        // their bytes
	hosts     map[int64]*stagedHost
	spellings map[string]int64 // the number of a host as logs spell it
}

// unit is one log that is replaced: the import itself, or a member of its archive.
type unit struct {
	id   int64         // of the new import
	old  intake.Import // in whose place it comes
	read intake.Reading

	matched []int64 // records that say something new and that some rule matches
	left    []int64 // events of which a record now says something else, or that it does differently
	shifted []int64 // those of left that it still is a sighting of
	counts  intake.Counts
}

// stagedHost is a host that records name which are ready.
type stagedHost struct {
	spelling string
	mixed    bool // and others
}

// check makes sure, within a transaction, that the replacement still may go on.
func (r *replacing) check(t *tx, id int64) (i intake.Import, err error) {
	i, err = scanImport(t.QueryRowContext(t.ctx, `SELECT `+importColumns+` FROM import WHERE id = ? AND owner = ?
		AND status = ?`, id, r.owner, intake.Running))
	if err != nil {
		return i, notFound(err, "Import %d is not running.", id)
	}
	var status intake.Status
	err = t.QueryRowContext(t.ctx, `SELECT status FROM import WHERE id = ?`, i.Replaces).Scan(&status)
	if err == nil && !status.Ended() {
		err = sql.ErrNoRows
	}
	return i, notFound(err, "Import %d, whose place this one was to take, has been deleted.", i.Replaces)
}

// begin finds out what is to be replaced. What a run before had ready is dropped.
func (r *replacing) begin(id int64) error {
	err := r.d.writeQuietly(r.ctx, func(t *tx) (err error) {
		r.root, err = r.check(t, id)
		return err
	})
	if err != nil {
		return err
	}
	if err := r.d.dropStaged(r.ctx, id); err != nil {
		return err
	}
	members, err := r.d.imports(r.ctx, `parent = ? ORDER BY ordinal, id`, r.root.Replaces)
	if err != nil {
		return err
	}
	old, err := r.d.ImportByID(r.ctx, r.root.Replaces)
	if err != nil {
		return err
	}
	last := id
	if len(members) > 0 {
		if err := r.d.writeQuietly(r.ctx, func(t *tx) error {
			return t.get(`UPDATE sequence SET last = last + ? WHERE name = 'import' RETURNING last`,
				[]any{len(members)}, &last)
		}); err != nil {
			return err
		}
	}
	r.add(id, old)
	for n, m := range members {
		r.add(last-int64(len(members)-n-1), m)
	}
	r.d.mu.Lock()
	r.rules, r.dec = r.d.rules, r.d.dec
	r.d.mu.Unlock()
	return nil
}

func (r *replacing) add(id int64, old intake.Import) {
	computer := r.root.Computer
	if len(r.units) > 0 && old.Computer != r.units[0].old.Computer { // the files beside it say that
		computer = old.Computer
	}
	r.units = append(r.units, &unit{id: id, old: old, read: intake.Reading{Format: old.Format, Encoding: old.Encoding,
		Zone: r.root.Zone, Computer: computer, Dates: r.root.Dates}})
}

// switchOver puts what is ready in the old one's place. While somebody waits for
// another write, a note's say, for more than half a second, it gives way: it is
// undone, and begins again, with more and more patience.
func (r *replacing) switchOver() error {
	for given := 0; ; given++ {
		s := &switching{replacing: r, stubborn: given == mostGivenWay}
		err := r.d.writeLarge(r.ctx, func(t *tx) (err error) {
			s.began = time.Now()
			if s.work, err = r.d.newWork(t); err != nil {
				return err
			}
			return s.all()
		})
		if !errors.Is(err, errGivesWay) {
			return err
		}
		if err := sleep(r.ctx, min(givesWay<<min(given, 10), mostPatient)); err != nil {
			return err
		}
	}
}

const (
	givesWay     = 50 * time.Millisecond // how long who gave way waits, at first
	mostPatient  = 5 * time.Second       // and at most
	mostGivenWay = 500                   // it takes more than half an hour of notes, then one of them waits
)

var errGivesWay = errors.New("a replacement gives way to another write")

// DropStaged takes away, in steps, what replacements had ready that have not come
// to their end and do not go on any more, and what is left of imports that were
// replaced.
func (d *DB) DropStaged(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "drop what replacements left")
	var some bool
	err = d.r.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM staged) OR EXISTS (SELECT 1 FROM bare)`).Scan(&some)
	if err != nil || !some {
		return err
	}
	return d.dropStaged(ctx, 0)
}

// dropStaged is DropStaged, which takes away too what an import that begins had
// ready.
func (d *DB) dropStaged(ctx context.Context, root int64) error {
	for done := false; !done; {
		if err := d.writeLax(ctx, func(t *tx) (err error) {
			if done, err = dropStep(t, root); err == nil && done {
				done, err = d.stripStep(t)
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// stripStep drops bytes that nobody needs any more. The rules do not matter.
func (d *DB) stripStep(t *tx) (done bool, err error) {
	d.mu.Lock()
	rules, dec := d.rules, d.dec
	d.mu.Unlock()
	if rules == nil {
		return true, nil
	}
	w, err := d.startWork(t, rules, dec)
	if err != nil {
		return false, err
	}
	if done, err = w.strip(); err == nil {
		err = w.storeColumns()
	}
	return done, err
}

func dropStep(t *tx, root int64) (done bool, err error) {
	const few = 16
	left, err := t.column(`SELECT import_id FROM staged WHERE root = ?1
		OR root NOT IN (SELECT id FROM import WHERE status IN (?2, ?3)) ORDER BY import_id DESC LIMIT 1`, root, intake.Queued, intake.Running)
	if err != nil || len(left) == 0 {
		return true, errors.Join(err, forgetStagedHosts(t))
	}
	blocks, err := t.column(`SELECT first FROM staged_block WHERE import_id = ? ORDER BY first DESC LIMIT ?`, left[0], few)
	if err != nil {
		return false, err
	}
	for _, first := range blocks {
		if err := t.do([]any{first}, giveBack, `DELETE FROM staged_block WHERE first = ?`,
			`DELETE FROM odd_block WHERE first = ?`); err != nil {
			return false, err
		}
		if err := dropParts(t, first); err != nil {
			return false, err
		}
	}
	if len(blocks) == few {
		return false, nil
	}
	return false, t.do([]any{left[0]}, `DELETE FROM staged_again WHERE import_id = ?`,
		`DELETE FROM rejection WHERE import_id = ?`, `DELETE FROM rejected_bytes WHERE import_id = ?`,
		`DELETE FROM staged WHERE import_id = ?`)
}

// giveBack gives the numbers of a staged block back, of which nobody knows, where
// none was given since and no finding was closed.
const giveBack = `UPDATE sequence SET last = ?1 - 1 WHERE name = 'record'
	AND last = (SELECT first + count - 1 FROM staged_block WHERE first = ?1)
	AND NOT EXISTS (SELECT 1 FROM triage WHERE closed >= ?1)`

// forgetStagedHosts forgets the numbers of hosts that nothing names.
func forgetStagedHosts(t *tx) error {
	_, err := t.exec(`DELETE FROM staged_host WHERE NOT EXISTS (SELECT 1 FROM staged)`)
	return err
}
