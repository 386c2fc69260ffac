package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"iter"
	"slices"
	"strings"

	"modernc.org/sqlite"

	"escutcheon/fault"
	"escutcheon/store"
)

func findingsWhere(f store.FindingFilter) (string, []any) {
	conds, args := []string{"verdict <= ?"}, []any{0}
	if f.Suppressed {
		args[0] = 1
	}
	add := func(cond string, arg ...any) {
		conds, args = append(conds, cond), append(args, arg...)
	}
	if f.Rule != "" {
		add("rule_id = ?", f.Rule)
	}
	if f.Dest != "" {
		add("dest = ?", f.Dest)
	}
	if f.Text != "" {
		add(`row_contains(row, ?)`, strings.ToLower(f.Text))
	}
	if f.From != nil {
		add("last >= ?", *f.From)
	}
	if f.To != nil {
		add("first <= ?", *f.To)
	}
	return strings.Join(conds, " AND "), args
}

// rowContains says whether any cell of a row, a JSON array, contains a text in
// lower case.
func rowContains(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	row, _ := args[0].(string)
	text, _ := args[1].(string)
	for _, c := range cells(row) {
		if strings.Contains(strings.ToLower(c), text) {
			return int64(1), nil
		}
	}
	return int64(0), nil
}

func init() {
	sqlite.MustRegisterDeterministicScalarFunction("row_contains", 2, rowContains)
}

const findingColumns = `key, rule_id, dest, row, verdict, count, first, last, change`

func scanFinding(row interface{ Scan(...any) error }) (store.Finding, error) {
	var f store.Finding
	var cells string
	var verdict int
	if err := row.Scan(&f.Key, &f.RuleID, &f.Dest, &cells, &verdict, &f.Count, &f.First, &f.Last, &f.Change); err != nil {
		return f, err
	}
	f.Suppressed = verdict == 1
	var err error
	f.Row, err = unmarshal(cells)
	return f, err
}

// findingSorts are the columns that findings are sorted by.
var findingSorts = map[string]string{"last": "last", "first": "first", "count": "count", "dest": "dest", "row": "sort"}

// Findings returns one page of findings. Sort is last (the default), first,
// count, dest or row.
func (d *DB) Findings(ctx context.Context, f store.FindingFilter, p store.Page) (out []store.Finding, c store.Cursors,
	err error) {
	defer fault.Wrap(&err, "findings")
	column, ok := findingSorts[p.Sort]
	if !ok {
		column = "last"
	}
	where, args := findingsWhere(f)
	k := keyset{column: column, id: "id", table: "finding", page: p}
	cond, kargs, order, err := k.clause()
	if err != nil {
		return nil, c, err
	}
	var marks []mark
	err = d.rows(ctx, func(r *sql.Rows) error {
		var m mark
		f, err := scanFinding(withExtra{r, []any{&m.Value, &m.ID}})
		out, marks = append(out, f), append(marks, m)
		return err
	}, `SELECT `+findingColumns+`, `+column+`, id FROM finding WHERE `+where+cond+order, append(args, kargs...)...)
	if err != nil {
		return nil, c, err
	}
	n := k.trim(len(out))
	out, marks = out[:n.end], marks[:n.end]
	if k.reversed() {
		slices.Reverse(out)
		slices.Reverse(marks)
	}
	return out, k.cursors(marks, n.more), nil
}

// withExtra scans a row that has more columns at its end.
type withExtra struct {
	r     *sql.Rows
	extra []any
}

func (w withExtra) Scan(dst ...any) error { return w.r.Scan(append(dst, w.extra...)...) }

// CountFindings returns how many findings a filter chooses, and how many of
// them are suppressed.
func (d *DB) CountFindings(ctx context.Context, f store.FindingFilter) (n, suppressed int64, err error) {
	if f.Text == "" && f.From == nil && f.To == nil { // they are counted as they come and go
		err = d.rows(ctx, func(r *sql.Rows) error { return r.Scan(&n, &suppressed) },
			`SELECT ifnull(sum(n), 0), ifnull(sum(suppressed), 0) FROM finding_count WHERE `+countedBy(f), f.Rule, f.Dest)
		return n, suppressed, err
	}
	f.Suppressed = true
	where, args := findingsWhere(f)
	err = d.r.QueryRowContext(ctx, `SELECT count(*), ifnull(sum(verdict = 1), 0) FROM finding WHERE `+where,
		args...).Scan(&n, &suppressed)
	return n, suppressed, err
}

// countedBy chooses counts of findings, by the indexes.
func countedBy(f store.FindingFilter) string {
	rule, dest := `rule_id = ?1`, `dest = ?2`
	if f.Rule == "" {
		rule = `?1 = ''`
	}
	if f.Dest == "" {
		dest = `?2 = ''`
	}
	return rule + ` AND ` + dest
}

// AllFindings streams the findings that a filter chooses, sorted by their rows
// as bytes.
func (d *DB) AllFindings(ctx context.Context, f store.FindingFilter) iter.Seq2[store.Finding, error] {
	where, args := findingsWhere(f)
	return stream(ctx, d, byNumber{table: "finding", cols: findingColumns, args: args,
		ids: `SELECT id FROM finding WHERE ` + where + ` ORDER BY sort`},
		func(r *sql.Rows) (store.Finding, error) { return scanFinding(r) })
}

// FindingByKey returns one finding, suppressed or not.
func (d *DB) FindingByKey(ctx context.Context, key string) (store.Finding, error) {
	f, err := scanFinding(d.r.QueryRowContext(ctx, `SELECT `+findingColumns+` FROM finding WHERE key = ?
		AND verdict <= 1`, key))
	if errors.Is(err, sql.ErrNoRows) {
		return f, fault.New(fault.NotFound, "There is no finding %q.", key)
	}
	return f, err
}

// FindingsOfEvent returns the findings that an event is in.
func (d *DB) FindingsOfEvent(ctx context.Context, id int64) (out []store.Finding, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		f, err := scanFinding(r)
		out = append(out, f)
		return err
	}, `SELECT `+findingColumns+` FROM finding WHERE verdict <= 1 AND id IN (SELECT finding_id FROM finding_event
		WHERE event_id = ?) ORDER BY key`, id)
	return out, err
}

// UnattributedOf counts the matching events that are in no row of a rule, of
// one dest or (dest "") of all.
func (d *DB) UnattributedOf(ctx context.Context, rule, dest string) (out []store.Unattributed, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		var u store.Unattributed
		err := r.Scan(&u.Missing, &u.Count)
		out = append(out, u)
		return err
	}, `SELECT missing, count(*) FROM unattributed WHERE (? = '' OR rule_id = ?) AND (? = '' OR dest = ?)
		GROUP BY missing ORDER BY missing`, rule, rule, dest, dest)
	return out, err
}
