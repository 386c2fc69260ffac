package db

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"strings"

	"escutcheon/detection/spl"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/triage"
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
		cond, arg := isOne("dest", destsOf(f))
		add(cond, arg)
	}
	if f.Text != "" {
		cond, arg := textWhere(strings.ToLower(f.Text))
		add(cond, arg...)
	}
	if f.From != nil {
		add("last >= ?", *f.From)
	}
	if f.To != nil {
		add("first <= ?", *f.To)
	}
	if cond := statusWhere(f.Status); cond != "" {
		add(cond)
	}
	if f.Among != nil {
		add("id IN (SELECT value FROM json_each(?))", *f.Among)
	}
	return strings.Join(conds, " AND "), args
}

// destsOf are the names that a filter's dest has.
func destsOf(f store.FindingFilter) []string {
	if len(f.Dests) > 0 {
		return f.Dests
	}
	return []string{f.Dest}
}

// findingColumns are those of a finding and, as JSON, of its triage.
var findingColumns = findingColumnsOf(`finding`)

// ownColumns are those of a table by its name in a statement, and whether they are what
// was written.
func ownColumns(table string) string {
	return table + `.` + strings.Join(findingSum.of, `, `+table+`.`) + `, ` + findingSum.whole(table)
}

// findingColumnsOf are findingColumns of a table by its name in a statement.
func findingColumnsOf(table string) string {
	return ownColumns(table) + `, ` + doubtOf(table) +
		`, (SELECT json_array(` + triageColumns + `) FROM triage WHERE kind = 'finding' AND name = ` + table + `.key)`
}

// ownScan scans ownColumns, and more behind them.
func ownScan(row interface{ Scan(...any) error }, more ...any) (f store.Finding, err error) {
	var packed string
	var verdict int
	var whole bool
	if err := row.Scan(append([]any{&f.Key, &f.RuleID, &f.Dest, &packed, &verdict, &f.Count, &f.First, &f.Last, &f.Change,
		&whole}, more...)...); err != nil {
		return f, err
	}
	if f.Suppressed = verdict == 1; !whole {
		met.Add(1)
		f.Damaged, f.Row = true, damagedCells(len(cells(packed)))
		return f, nil
	}
	f.Row, err = unmarshal(packed)
	return f, err
}

func scanFinding(row interface{ Scan(...any) error }) (store.Finding, error) {
	var doubt int
	var decided []byte
	f, err := ownScan(row, &doubt, &decided)
	if err != nil {
		return f, err
	}
	f.Undecided, f.Pending = spl.Doubt(doubt) == spl.AsideDoubt, spl.Doubt(doubt) == spl.Pending
	f.Triage, err = unpackTriage(decided)
	return f, err
}

// findingSorts are the columns that findings are sorted by.
var findingSorts = map[string]string{"last": "last", "first": "first", "count": "count", "dest": "dest", "row": "sort"}

// Findings returns one page of findings. Sort is last (the default), first, count,
// dest, row, or a property (rule, what, status, owner, severity).
func (d *DB) Findings(ctx context.Context, f store.FindingFilter, p store.Page) (out []store.Finding, c store.Cursors,
	err error) {
	defer fault.Wrap(&err, "findings")
	if f, err = d.named(ctx, f); err != nil {
		return nil, c, err
	}
	if inMemory(f, p) {
		return d.heldPage(ctx, f, p)
	}
	if f, err = d.among(ctx, f); err != nil {
		return nil, c, err
	}
	column, ok := findingSorts[p.Sort]
	if !ok {
		column = "last"
	}
	where, args := findingsWhere(f)
	k := keyset{column: "f." + column, id: "f.id", table: "finding f", page: p}
	if f.Rule == "" && column == "last" && f.Among == nil {
		if where, args, err = d.newestOf(ctx, f, k); err != nil {
			return nil, c, err
		}
	}
	return d.findingsBy(ctx, k, `finding f WHERE `+where, args...)
}

// newestOf chooses a page of findings, of a dest or all, whatever their rule:
// those that a page of one of the rules has. There is an index for these.
func (d *DB) newestOf(ctx context.Context, f store.FindingFilter, k keyset) (where string, args []any, err error) {
	cond, kargs, order, err := k.clause()
	if err != nil {
		return "", nil, err
	}
	var parts []string
	rules, of := `SELECT id FROM rule WHERE EXISTS (SELECT 1 FROM finding_count WHERE rule_id = rule.id) LIMIT ?`,
		[]any{mostRulesOf + 1}
	if f.Dest != "" {
		cond, arg := isOne("dest", destsOf(f))
		rules, of = `SELECT DISTINCT rule_id FROM finding_count WHERE `+cond+` LIMIT ?`, []any{arg, mostRulesOf + 1}
	}
	err = d.rows(ctx, func(r *sql.Rows) error {
		if err := r.Scan(&f.Rule); err != nil {
			return err
		}
		where, of := findingsWhere(f)
		parts = append(parts, `SELECT * FROM (SELECT f.id FROM finding f WHERE `+where+cond+order+`)`)
		args = append(append(args, of...), kargs...)
		return nil
	}, rules, of...)
	if f.Rule = ""; err != nil || len(parts) == 0 || len(parts) > mostRulesOf {
		where, args = findingsWhere(f)
		return where, args, err
	}
	return `f.id IN (` + strings.Join(parts, ` UNION ALL `) + `)`, args, nil
}

// mostRulesOf is how many rules' findings are put together so.
const mostRulesOf = 200

// withExtra scans a row that has more columns at its end.
type withExtra struct {
	r     *sql.Rows
	extra []any
}

func (w withExtra) Scan(dst ...any) error { return w.r.Scan(append(dst, w.extra...)...) }

// CountFindings returns how many findings a filter chooses, and how many of
// them are suppressed.
func (d *DB) CountFindings(ctx context.Context, f store.FindingFilter) (n, suppressed int64, err error) {
	if f, err = d.named(ctx, f); err != nil {
		return 0, 0, err
	}
	if len(f.By) > 0 && f.Text == "" {
		return d.heldCount(ctx, f)
	}
	if f, err = d.among(ctx, f); err != nil {
		return 0, 0, err
	}
	if kept := keptCounts[f.Status]; kept != "" && f.Text == "" && f.From == nil && f.To == nil && f.Among == nil {
		err = d.rows(ctx, func(r *sql.Rows) error { return r.Scan(&n, &suppressed) },
			`SELECT `+kept+` FROM finding_count WHERE `+countedBy(f), f.Rule, jsonList(destsOf(f)))
		return n, suppressed, err
	}
	f.Suppressed = true
	from := `finding NOT INDEXED`
	where, args := findingsWhere(f)
	// An index has all that it takes; those that are not shown have one of their own.
	if f.Text == "" && f.Rule != "" && f.Among == nil {
		from = `finding INDEXED BY finding_last`
		if f.Dest != "" {
			from = `finding INDEXED BY finding_dest`
		}
		where = strings.TrimPrefix(where, `verdict <= ? AND `)
		var hidden int64
		err = d.rows(ctx, func(r *sql.Rows) error { return r.Scan(&n, &hidden, &suppressed) }, `SELECT
			(SELECT count(*) FROM `+from+` WHERE `+where+`), count(*), ifnull(sum(verdict = 1), 0)
			FROM finding INDEXED BY finding_hidden_last WHERE verdict <> 0 AND `+where, append(args[1:], args[1:]...)...)
		return n - hidden + suppressed, suppressed, err
	}
	if f.Dest != "" {
		from = `finding INDEXED BY finding_dest`
	}
	err = d.rows(ctx, func(r *sql.Rows) error { return r.Scan(&n, &suppressed) },
		`SELECT count(*), ifnull(sum(verdict = 1), 0) FROM `+from+` WHERE `+where, args...)
	return n, suppressed, err
}

// keptCounts are what a status chooses of findings, and of suppressed ones, where
// these are counted as they come and go.
var keptCounts = map[triage.Set]string{
	triage.All: `ifnull(sum(n), 0), ifnull(sum(suppressed), 0)`,
	triage.Open: `ifnull(sum(n - closed - closed_suppressed), 0),
		ifnull(sum(suppressed - closed_suppressed), 0)`,
	triage.Done: `ifnull(sum(closed + closed_suppressed), 0), ifnull(sum(closed_suppressed), 0)`,
}

// countedBy chooses counts of findings, by the indexes.
func countedBy(f store.FindingFilter) string {
	rule, dest := `rule_id = ?1`, `dest IN (SELECT value FROM json_each(?2))`
	if f.Rule == "" {
		rule = `?1 = ''`
	}
	if f.Dest == "" {
		dest = `?2 IS NOT NULL`
	}
	return rule + ` AND ` + dest
}

// AllFindings streams the findings that a filter chooses, sorted by their rows
// as bytes.
func (d *DB) AllFindings(ctx context.Context, f store.FindingFilter) iter.Seq2[store.Finding, error] {
	f, err := d.among(ctx, f)
	if err != nil {
		return func(yield func(store.Finding, error) bool) { yield(store.Finding{}, err) }
	}
	where, args := findingsWhere(f)
	order := `sort`
	if f.ByDest {
		order = `dest, sort`
	}
	return stream(ctx, d, byNumber{table: "finding", cols: findingColumns, args: args,
		ids: `SELECT id FROM finding WHERE ` + where + ` ORDER BY ` + order},
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
	}, `SELECT missing, count(*) FROM unattributed WHERE (?1 = '' OR rule_id = ?1) AND (?2 = '' OR dest = ?2
		OR dest IN (SELECT dest FROM host_alias WHERE main = ?2 AND undone IS NULL)) GROUP BY missing ORDER BY missing`,
		rule, dest)
	return out, err
}
