package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
)

// VerifyAudit recomputes the chain of the audit trail, as of one moment, with a few
// rows in memory. damaged is called for each row that is not as it was written, by
// number; tip is what the database says of the chain's end.
func (d *DB) VerifyAudit(ctx context.Context, damaged func(store.AuditDamage)) (tip store.AuditTip, err error) {
	defer fault.Wrap(&err, "verify the audit trail")
	return verifyAudit(ctx, d.out.DB, damaged)
}

// VerifyAudit is DB.VerifyAudit of the database file at path, which is only read.
func VerifyAudit(ctx context.Context, path string, damaged func(store.AuditDamage)) (tip store.AuditTip, err error) {
	defer fault.Wrap(&err, "verify the audit trail of %s", path)
	pool, err := openFile(ctx, path)
	if err != nil {
		return tip, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	var has bool
	if err := one(ctx, pool, `SELECT count(*) = 2 FROM sqlite_schema WHERE name IN ('audit', 'audit_tip')`, nil,
		&has); err != nil {
		return tip, err
	}
	if !has {
		return tip, fault.New(fault.Invalid, "%q has no audit trail: an older Escutcheon wrote it, and this one has not "+
			"served it yet.", path)
	}
	return verifyAudit(ctx, pool, damaged)
}

func verifyAudit(ctx context.Context, pool *sql.DB, damaged func(store.AuditDamage)) (tip store.AuditTip, err error) {
	tx, err := pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return tip, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return walkAudit(ctx, tx, damaged)
}

func walkAudit(ctx context.Context, tx *sql.Tx, damaged func(store.AuditDamage)) (tip store.AuditTip, err error) {
	v := &auditWalk{chain: newChain(), tell: damaged, hash: noHash}
	err = tx.QueryRowContext(ctx, `SELECT count, hash FROM audit_tip`).Scan(&v.tip.Rows, &v.tip.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		v.say(0, time.Time{}, "The tip of the chain is gone.")
		err = tx.QueryRowContext(ctx, `SELECT ifnull(max(id), 0) FROM audit`).Scan(&v.tip.Rows)
	}
	if err != nil {
		return tip, err
	}
	if err := each(ctx, tx, func(r *sql.Rows) error {
		var row store.AuditRow
		var at string
		if err := r.Scan(&row.ID, &at, &row.Person, &row.Action, &row.Object, &row.Field, &row.Old, &row.New, &row.Address,
			&row.Prev); err != nil {
			return err
		}
		v.row(&row, at)
		return nil
	}, `SELECT id, CAST(at AS TEXT), person, action, object, field, old, new, address, prev FROM audit
		ORDER BY id`); err != nil {
		return tip, err
	}
	v.end()
	return v.tip, nil
}

// auditWalk goes along the chain. The row behind a row proves it: that holds its
// hash. So where a row does not fit to the next one, it is judged when it is known
// whether that one fits to its own next one, and can be believed.
type auditWalk struct {
	chain *chain
	tip   store.AuditTip
	tell  func(store.AuditDamage)

	id     int64 // of the last row; 0 before the first
	at     time.Time
	hash   string    // "" where the row is missing
	broken bool      // it does not hold the hash of the row before it, which is still to be judged
	before time.Time // when that one was written
	mended string    // its hash, if it held that
}

func (v *auditWalk) say(id int64, at time.Time, format string, args ...any) {
	v.tell(store.AuditDamage{ID: id, At: at, What: fmt.Sprintf(format, args...)})
}

// row takes the next row.
func (v *auditWalk) row(r *store.AuditRow, at string) {
	nanos, _ := strconv.ParseInt(at, 10, 64) // one that is no number has another hash
	r.At = time.Unix(0, nanos).UTC()
	switch {
	case r.ID < 1:
		v.say(r.ID, r.At, "The row has been added: rows are numbered from 1 on.")
		return
	case r.ID > v.tip.Rows:
		v.missing(v.tip.Rows + 1)
		v.say(r.ID, r.At, "The row has been added, or the tip differs: it says that there are %d rows.", v.tip.Rows)
		return
	case r.ID == v.id+1:
		v.link(r.Prev)
	default:
		v.missing(r.ID)
	}
	if v.broken {
		v.mended = v.chain.of(r, at, v.hash)
	}
	v.id, v.at, v.hash = r.ID, r.At, v.chain.of(r, at, r.Prev)
}

// link says what is known of the last row when it is known what the next one, or the
// tip, holds as its hash.
func (v *auditWalk) link(holds string) {
	switch {
	case holds == v.hash:
		v.judge("The row was changed: its hash is not the one that row %d holds.")
		v.broken = false
	case v.broken && holds == v.mended:
		v.say(v.id, v.at, "The row was changed: its prev is not the hash of the row before it.")
		v.broken = false
	default:
		v.judge("The row was changed, or the prev of row %d was.")
		v.broken, v.before = true, v.at
	}
}

// judge says of the row before the last, where the two do not fit, what is wrong.
func (v *auditWalk) judge(format string) {
	switch {
	case !v.broken:
	case v.id == 1: // there is none before it
		v.say(v.id, v.at, "The row was changed: the first row's prev is not zeros.")
	default:
		v.say(v.id-1, v.before, format, v.id)
	}
}

// missing says which rows are missing before one.
func (v *auditWalk) missing(next int64) {
	if next == v.id+1 {
		return
	}
	v.judge("The row was changed, or the prev of row %d was.")
	v.broken = false
	first, last := v.id+1, next-1
	what := "The row is missing"
	if first < last {
		what = fmt.Sprintf("The rows %d to %d are missing", first, last)
	}
	if v.id > 0 {
		what += fmt.Sprintf(", and with it the proof of row %d", v.id)
	}
	v.say(first, v.at, "%s.", what)
	v.id, v.hash = last, ""
}

// end holds the last row against the tip.
func (v *auditWalk) end() {
	if v.id < v.tip.Rows {
		v.missing(v.tip.Rows + 1)
		return
	}
	if v.tip.Hash == "" || v.hash == "" { // that is told already
		return
	}
	v.link(v.tip.Hash)
	if v.broken {
		v.say(v.id, v.at, "The row was changed, or the tip differs: the row's hash is %s, the tip says %s.", v.hash,
			v.tip.Hash)
	}
}
