package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/store"
)

// Check reads the database file at path as of one moment, changes nothing, and calls
// damaged for each thing that is not as it was written. doing is told what is looked
// at. What findings come to is CompareFindings' business. The error is of what cannot
// be checked at all.
func Check(ctx context.Context, path string, events Events, doing func(what string, at, all int64),
	damaged func(store.Damage)) (err error) {
	defer fault.Wrap(&err, "check %s", path)
	pool, err := openFile(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	tx, err := pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	c := &checking{ctx: ctx, q: &snapshotTx{tx, inFile{}}, doing: doing, tell: damaged}
	if err := c.version(path); err != nil {
		return err
	}
	if c.q.lie, err = events.contents(ctx, tx, time.Now); err != nil {
		return err
	}
	for _, part := range []struct {
		what  string
		check func() error
	}{{"the file", c.file}, {"blocks of events", c.blocks}, {"what belongs to what", c.whole}, {"counts", c.counts},
		{"checksums of rows", c.sums}, {"notes", c.notes}, {"triage", c.triage},
		{"evidence and files", c.evidence}, {"the audit trail", c.audit}} {
		doing(part.what, 0, 0)
		if err := part.check(); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c.say(part.what, "cannot be checked to its end: %s", fault.Sentence(err))
		}
	}
	return nil
}

func (c *checking) sums() error { return damagedRows(c.ctx, c.q, c.tell) }

// checking checks what one snapshot shows.
type checking struct {
	ctx   context.Context
	q     *snapshotTx
	doing func(what string, at, all int64)
	tell  func(store.Damage)

	missing, missed int64 // blocks that are not where they should be kept, and their records
}

// snapshotTx is a transaction that only reads.
type snapshotTx struct {
	*sql.Tx
	lie contents
}

func (t *snapshotTx) contents() contents { return t.lie }

func (c *checking) say(object, format string, args ...any) {
	c.tell(store.Damage{Object: object, What: fmt.Sprintf(format, args...)})
}

func (c *checking) version(path string) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	var version, old int
	if err := one(c.ctx, c.q, `SELECT (SELECT user_version FROM pragma_user_version),
		(SELECT count(*) FROM sqlite_schema WHERE name = 'old_block')`, nil, &version, &old); err != nil {
		return err
	}
	switch {
	case version > len(names):
		return errNewer(path, version, len(names))
	case version < len(names) || old > 0:
		return fault.New(fault.Invalid, "%q was written by an older Escutcheon. Check it with that one, or open it "+
			"with this one, which brings it up to date, and check it then.", path)
	}
	return nil
}

// mostPages is how many damages of the file's structure are named.
const mostPages = 100

// file is what SQLite itself can say: that pages, indexes and references fit together.
func (c *checking) file() error {
	if err := each(c.ctx, c.q, func(r *sql.Rows) error {
		var said string
		if err := r.Scan(&said); err != nil || said == "ok" {
			return err
		}
		c.say("file", "its structure is damaged: %s", said)
		return nil
	}, fmt.Sprintf(`PRAGMA integrity_check(%d)`, mostPages)); err != nil {
		return err
	}
	if err := c.schema(); err != nil {
		return err
	}
	return each(c.ctx, c.q, func(r *sql.Rows) error {
		var table, parent string
		var row sql.NullInt64
		var n int
		if err := r.Scan(&table, &row, &parent, &n); err != nil {
			return err
		}
		c.say(fmt.Sprintf("table %s", table), "row %d refers to a row of %s that is not there", row.Int64, parent)
		return nil
	}, `PRAGMA foreign_key_check`)
}

// dangling are questions for what belongs to nothing, each with what it says. The
// first column is the number or name of what is asked for.
var dangling = []struct{ object, what, query string }{
	{"block", "its columns are missing", missingPart("block_columns") + inThisFile},
	{"block", "the filter over its words is missing", missingPart("block_words")},
	{"block", "the bytes of its records are missing", missingPart("block_bytes") + inThisFile},
	{"block", "nothing says where its records are", missingPart("block_at") + ` AND EXISTS (SELECT 1 FROM event_store)`},
	{"import", "blocks belong to it, and it is not there", `SELECT DISTINCT import_id FROM block
		WHERE import_id <> 0 AND import_id NOT IN (SELECT id FROM import)
		AND import_id NOT IN (SELECT import_id FROM staged)`},
	{"import", "sightings belong to it, and it is not there", `SELECT DISTINCT import_id FROM again
		WHERE import_id NOT IN (SELECT id FROM import) AND import_id NOT IN (SELECT import_id FROM staged)`},
	{"finding", "events belong to it, and it is not there", `SELECT DISTINCT finding_id FROM finding_event
		WHERE finding_id NOT IN (SELECT id FROM finding)`},
	{"finding", "risk events belong to it, and it is not there", `SELECT DISTINCT finding_id FROM risk_event
		WHERE finding_id NOT IN (SELECT id FROM finding)`},
	{"rule", "findings belong to it, and it is not there", `SELECT DISTINCT rule_id FROM finding
		WHERE rule_id NOT IN (SELECT id FROM rule)`},
	// Other rules may call anything dest.
	{"finding", "its host is not there", `SELECT key FROM finding WHERE rule_id = '` + detection.SeedID + `'
		AND dest <> '' AND dest NOT IN (SELECT dest FROM host)`},
	{"evidence", "its case is not there", `SELECT pin FROM case_item WHERE case_id NOT IN (SELECT id FROM cases)`},
	{"file", "pieces of it are kept, and its hash is not there", `SELECT DISTINCT sha256 FROM kept_piece
		WHERE sha256 NOT IN (SELECT sha256 FROM kept)`},
}

const inThisFile = ` AND NOT EXISTS (SELECT 1 FROM event_store)`

func missingPart(table string) string {
	return `SELECT first FROM block WHERE first NOT IN (SELECT first FROM ` + table + `)`
}

func (c *checking) whole() error {
	for _, d := range dangling {
		if err := each(c.ctx, c.q, func(r *sql.Rows) error {
			var name string
			err := r.Scan(&name)
			c.say(d.object+" "+name, "%s", d.what)
			return err
		}, d.query); err != nil {
			return err
		}
	}
	return nil
}

// evidence recomputes all pins, the files of all cases, and all that is kept.
func (c *checking) evidence() error {
	pins, err := pinsOf(c.ctx, c.q, `true`)
	if err != nil {
		return err
	}
	v := store.Verified{}
	y := &verifying{ctx: c.ctx, q: c.q, pins: pins, v: &v}
	if err := y.all(nil); err != nil {
		return err
	}
	var cases []int64
	if err := each(c.ctx, c.q, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		cases = append(cases, id)
		return err
	}, `SELECT id FROM cases ORDER BY id`); err != nil {
		return err
	}
	for n, id := range cases {
		c.doing("evidence and files", int64(n), int64(len(cases)))
		files, err := caseFiles(c.ctx, c.q, id)
		if err != nil {
			return err
		}
		items, err := caseItems(c.ctx, c.q, id)
		if err != nil {
			return err
		}
		before := len(v.Differences)
		if err := errors.Join(y.asAudited(id, items, files), y.brought(id)); err != nil {
			return err
		}
		for i := range v.Differences[before:] {
			d := &v.Differences[before+i]
			d.Object = "case " + store.CaseNumber(id) + ", " + d.Object
		}
	}
	for _, d := range v.Differences {
		c.say(d.Object, "%s", d.What)
	}
	return c.kept(y)
}

// kept recomputes the hashes of all that is kept, whatever refers to it.
func (c *checking) kept(y *verifying) error {
	var sums []string
	if err := each(c.ctx, c.q, func(r *sql.Rows) error {
		var sum string
		err := r.Scan(&sum)
		sums = append(sums, sum)
		return err
	}, `SELECT sha256 FROM kept ORDER BY sha256`); err != nil {
		return err
	}
	told := len(y.v.Differences)
	for n, sum := range sums {
		c.doing("evidence and files", int64(n), int64(len(sums)))
		if err := y.kept("kept "+sum, "it", sum); err != nil {
			return err
		}
	}
	for _, d := range y.v.Differences[told:] {
		c.say(d.Object, "%s", d.What)
	}
	return nil
}

func (c *checking) audit() error {
	tip, err := walkAudit(c.ctx, c.q.Tx, func(d store.AuditDamage) {
		object := fmt.Sprintf("audit row %d", d.ID)
		if d.ID == 0 {
			object = "audit tip"
		}
		c.say(object, "%s", d.What)
	})
	c.doing("the audit trail", tip.Rows, tip.Rows)
	return err
}
