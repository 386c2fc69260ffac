package db

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

// importSorts are what imports are sorted by; how long one took, and how much of it
// a second, are of those that have ended.
var importSorts = map[string]string{
	"created": "id", "name": "lower(name)", "size": "size", "format": "format", "zone": "zone", "status": "status",
	"read": "read", "taken": "ifnull(finished - started, -1)", "result": "reason",
	"rate": "ifnull(read * 1000000000 / max(finished - started, 1), -1)",
}

// importProps are the columns that an import's properties are in.
var importProps = []string{store.ByStatus, store.ByFormat}

// importsWhere is the condition of a list of imports; by is a property that it leaves
// out of account.
func importsWhere(f store.ImportFilter, by string) (cond string, args []any) {
	cond = `parent IS NULL`
	if f.Text != "" {
		cond, args = cond+` AND instr(lower(name), ?) > 0`, append(args, strings.ToLower(f.Text))
	}
	for _, name := range importProps {
		c := f.By[name]
		if name == by {
			continue
		}
		if len(c.Only) > 0 {
			cond, args = cond+` AND `+name+` IN (SELECT value FROM json_each(?))`, append(args, jsonList(c.Only))
		}
		if len(c.Not) > 0 {
			cond, args = cond+` AND `+name+` NOT IN (SELECT value FROM json_each(?))`, append(args, jsonList(c.Not))
		}
	}
	return cond, args
}

// ListImports returns one page of imports, members of archives left out, by created
// (the default), name, size, format, zone, status, read, taken, rate or result; how
// many there are, and their facets.
func (d *DB) ListImports(ctx context.Context, f store.ImportFilter, p store.Page) (list []intake.Import,
	c store.Cursors, l store.ImportSummary, err error) {
	defer fault.Wrap(&err, "list imports")
	column, ok := importSorts[p.Sort]
	if !ok {
		column = importSorts["created"]
	}
	err = d.snapshot(ctx, func(q conn) error {
		where, args := importsWhere(f, "")
		if err := one(ctx, q, `SELECT count(*) FROM import WHERE `+where, args, &l.Total); err != nil {
			return err
		}
		if f.Older > 0 {
			where, args = where+` AND id < ?`, append(args, f.Older)
		}
		k := keyset{column: column, id: "id", table: "import", page: p}
		cond, more, order, err := k.clause()
		if err != nil {
			return err
		}
		var marks []mark
		if err := each(ctx, q, func(r *sql.Rows) error {
			var m mark
			i, err := scanImport(withExtra{r, []any{&m.Value}})
			m.ID = i.ID
			list, marks = append(list, i), append(marks, m)
			return err
		}, `SELECT `+importColumns+`, `+column+` FROM import WHERE `+where+cond+order, append(args, more...)...); err != nil {
			return err
		}
		n := k.trim(len(list))
		list, marks = list[:n.end], marks[:n.end]
		if k.reversed() {
			slices.Reverse(list)
			slices.Reverse(marks)
		}
		c = k.cursors(marks, n.more)
		return importFacets(ctx, q, f, &l)
	})
	return list, c, l, err
}

// importFacets counts a list's imports by each property, the rarest first.
func importFacets(ctx context.Context, q conn, f store.ImportFilter, l *store.ImportSummary) error {
	for _, name := range importProps {
		facet := store.Facet{Name: name}
		where, args := importsWhere(f, name)
		if err := each(ctx, q, func(r *sql.Rows) error {
			var v store.FacetValue
			err := r.Scan(&v.Value, &v.N)
			facet.Values = append(facet.Values, v)
			return err
		}, `SELECT `+name+`, count(*) FROM import WHERE `+where+` AND `+name+` <> '' GROUP BY 1 ORDER BY 2, 1`,
			args...); err != nil {
			return err
		}
		facet.All = len(facet.Values)
		l.Facets = append(l.Facets, facet)
	}
	return nil
}
