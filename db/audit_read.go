package db

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"strings"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
)

const auditColumns = `id, at, person, action, object, field, old, new, address, prev`

func scanAudit(row interface{ Scan(...any) error }) (r store.AuditRow, err error) {
	var at int64
	err = row.Scan(&r.ID, &at, &r.Person, &r.Action, &r.Object, &r.Field, &r.Old, &r.New, &r.Address, &r.Prev)
	r.At = time.Unix(0, at).UTC()
	return r, err
}

// auditWhere is the condition of a filter.
func auditWhere(f store.AuditFilter) (string, []any) {
	cond, args := []string{`1`}, []any{}
	add := func(text string, of ...any) { cond, args = append(cond, text), append(args, of...) }
	if f.Person != "" {
		add(`person = ?`, f.Person)
	}
	if f.Action != "" {
		add(`action = ?`, f.Action)
	}
	if f.Object != "" {
		add(`object >= ? AND object < ? AND substr(object, 1, length(?)) = ?`, f.Object, f.Object+"\U0010FFFF", f.Object,
			f.Object)
	}
	if f.Of != "" {
		add(`object >= ? AND object < ? AND (object = ? OR substr(object, 1, length(?) + 1) = ? || ' ')`, f.Of, f.Of+"!",
			f.Of, f.Of, f.Of)
	}
	if !f.From.IsZero() {
		add(`at >= ?`, f.From.UnixNano())
	}
	if !f.To.IsZero() {
		add(`at < ?`, f.To.UnixNano())
	}
	if f.Text != "" {
		add(`instr(lower(person || char(10) || action || char(10) || object || char(10) || field || char(10) || old
			|| char(10) || new || char(10) || address), ?) > 0`, strings.ToLower(f.Text))
	}
	return strings.Join(cond, ` AND `), args
}

// AuditTrail returns one page of the audit trail, newest first, and how many rows
// the filter chooses.
func (d *DB) AuditTrail(ctx context.Context, f store.AuditFilter, p store.Page) (list []store.AuditRow,
	c store.Cursors, total int64, err error) {
	defer fault.Wrap(&err, "audit trail")
	where, args := auditWhere(f)
	k := keyset{column: "id", id: "id", table: "audit", page: p}
	cond, more, order, err := k.clause()
	if err != nil {
		return nil, c, 0, err
	}
	err = d.snapshot(ctx, func(q conn) error {
		if err := one(ctx, q, `SELECT count(*) FROM audit WHERE `+where, args, &total); err != nil {
			return err
		}
		return each(ctx, q, func(r *sql.Rows) error {
			row, err := scanAudit(r)
			list = append(list, row)
			return err
		}, `SELECT `+auditColumns+` FROM audit WHERE `+where+cond+order, append(args, more...)...)
	})
	n := k.trim(len(list))
	list = list[:n.end]
	if k.reversed() {
		slices.Reverse(list)
	}
	marks := make([]mark, len(list))
	for i := range list {
		marks[i] = mark{Value: list[i].ID, ID: list[i].ID}
	}
	return list, k.cursors(marks, n.more), total, err
}

// AllAudit streams the rows of the audit trail that a filter chooses, oldest first:
// those that there are when it begins.
func (d *DB) AllAudit(ctx context.Context, f store.AuditFilter) iter.Seq2[store.AuditRow, error] {
	return func(yield func(store.AuditRow, error) bool) {
		var last int64
		err := one(ctx, d.out, `SELECT count FROM audit_tip`, nil, &last)
		where, args := auditWhere(f)
		for after := int64(0); err == nil && after < last; {
			var list []store.AuditRow
			size := 0
			err = passFull(each(ctx, d.out, func(r *sql.Rows) error {
				row, err := scanAudit(r)
				if err != nil {
					return err
				}
				list = append(list, row)
				if size += len(row.Old) + len(row.New); size > mostAuditChunk {
					return errPageFull
				}
				return nil
			}, `SELECT `+auditColumns+` FROM audit WHERE id > ? AND id <= ? AND `+where+` ORDER BY id LIMIT ?`,
				append(append([]any{after, last}, args...), chunkRows)...))
			for _, r := range list {
				if after = r.ID; !yield(r, nil) {
					return
				}
			}
			if len(list) == 0 {
				break
			}
		}
		if err != nil {
			yield(store.AuditRow{}, err)
		}
	}
}

// mostAuditChunk is how many bytes of texts of AllAudit are in memory at once, and
// a row's more.
const mostAuditChunk = 1 << 20

// auditThere are the queries of AuditThere, of the names in ?1, by kind.
var auditThere = map[string]string{
	"finding":  `SELECT key, '' FROM finding WHERE verdict <= 1 AND key IN (SELECT value FROM json_each(?1))`,
	"host":     `SELECT dest, '' FROM host WHERE dest IN (SELECT value FROM json_each(?1))`,
	"note":     `SELECT CAST(id AS TEXT), dest FROM note WHERE id IN (SELECT value FROM json_each(?1))`,
	"import":   `SELECT CAST(id AS TEXT), '' FROM import WHERE id IN (SELECT value FROM json_each(?1))`,
	"case":     `SELECT 'ESC-' || id, '' FROM cases WHERE 'ESC-' || id IN (SELECT value FROM json_each(?1))`,
	"evidence": `SELECT CAST(id AS TEXT), '' FROM pin WHERE id IN (SELECT value FROM json_each(?1))`,
	"search": `SELECT CAST(id AS TEXT), '' FROM saved_search WHERE deleted = 0
		AND id IN (SELECT value FROM json_each(?1))`,
}

// AuditThere says which of some objects of the audit trail are there that the database
// has: findings, hosts, notes, each with its dest, imports, saved searches, cases and
// evidence. What belongs to one of these, as a file of a case, is there when that is.
func (d *DB) AuditThere(ctx context.Context, objects []string) (map[string]string, error) {
	names, out := map[string][]string{}, map[string]string{}
	called := func(object string) (kind, name string) {
		kind, name, _ = strings.Cut(object, " ")
		if kind == "import" || kind == "case" || kind == "evidence" {
			name, _, _ = strings.Cut(name, " ")
		}
		return kind, name
	}
	for _, o := range objects {
		kind, name := called(o)
		names[kind] = append(names[kind], name)
	}
	return out, d.snapshot(ctx, func(q conn) error {
		for kind, query := range auditThere {
			if len(names[kind]) == 0 {
				continue
			}
			found := map[string]string{}
			if err := each(ctx, q, func(r *sql.Rows) error {
				var name, dest string
				err := r.Scan(&name, &dest)
				found[name] = dest
				return err
			}, query, jsonList(names[kind])); err != nil {
				return err
			}
			for _, o := range objects {
				if k, name := called(o); k == kind {
					if dest, ok := found[name]; ok {
						out[o] = dest
					}
				}
			}
		}
		return nil
	})
}
