package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"

	"modernc.org/sqlite"

	"escutcheon/csvsafe"
	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/detection/spl"
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

// marshal is JSON without HTML escapes; strings and lists of them always
// marshal.
func marshal(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
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
	return f, json.Unmarshal([]byte(cells), &f.Row)
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
	f.Suppressed = true
	where, args := findingsWhere(f)
	err = d.r.QueryRowContext(ctx, `SELECT count(*), ifnull(sum(verdict = 1), 0) FROM finding WHERE `+where,
		args...).Scan(&n, &suppressed)
	return n, suppressed, err
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

// ChangesOf returns the findings of a dest that have an event in (after, upTo],
// in the order of their rows.
func (d *DB) ChangesOf(ctx context.Context, dest, rule string, after, upTo int64) (out []store.Finding, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		f, err := scanFinding(r)
		out = append(out, f)
		return err
	}, `SELECT `+findingColumns+` FROM finding WHERE verdict = 0 AND dest = ? AND (? = '' OR rule_id = ?) AND last > ?
		AND first <= ? ORDER BY sort`,
		dest, rule, rule, after, upTo)
	return out, err
}

// verdicts are the numbers under which verdicts are stored.
var verdicts = [...]spl.Verdict{spl.Kept, spl.Aside, spl.Dropped}

func verdictNumber(v spl.Verdict) int {
	switch v {
	case spl.Kept:
		return 0
	case spl.Aside:
		return 1
	}
	return 2
}

// partColumns are those of a finding or a window that hold a materialize.Part.
const partColumns = `state, count, first, last, change`

// partRow scans a materialize.Part.
type partRow struct {
	state []byte
	part  materialize.Part
}

func (p *partRow) columns() []any {
	return []any{&p.state, &p.part.Count, &p.part.First, &p.part.Last, &p.part.Change}
}

// load makes the part of what was scanned.
func (p *partRow) load(r *detection.Rule) (*materialize.Part, error) {
	var err error
	p.part.State, err = r.Plan.Load(p.state)
	return &p.part, err
}

// partValues are the values for partColumns.
func partValues(p *materialize.Part) ([]any, error) {
	state, err := json.Marshal(p.State)
	return []any{string(state), p.Count, p.First, p.Last, int64(p.Change)}, err
}

const keptColumns = `f.id, f.key, f.by_key, f.made, f.dest, f.row, f.verdict`

// kept scans a finding of a rule, with a part of it.
func (l *ledger) kept(r *detection.Rule, row interface{ Scan(...any) error }) (*materialize.Finding, error) {
	f := &materialize.Finding{Rule: r}
	var id int64
	var by, cells string
	var verdict int
	var p partRow
	if err := row.Scan(append([]any{&id, &f.Key, &by, &f.Made, &f.Dest, &cells, &verdict},
		p.columns()...)...); err != nil {
		return nil, err
	}
	l.ids[f.Key] = id
	f.Verdict = verdicts[verdict]
	if err := errors.Join(json.Unmarshal([]byte(by), &f.By), json.Unmarshal([]byte(cells), &f.Row)); err != nil {
		return nil, err
	}
	part, err := p.load(r)
	f.Part = *part
	return f, err
}

// Finding is one finding of a rule; nil when there is none.
func (l *ledger) Finding(r *detection.Rule, key string) (*materialize.Finding, error) {
	f, err := l.kept(r, l.QueryRowContext(l.ctx, `SELECT `+keptColumns+`, `+partColumns+` FROM finding f WHERE key = ?
		AND rule_id = ?`, key, r.ID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return f, err
}

// Findings are all of a rule, by key.
func (l *ledger) Findings(r *detection.Rule) ([]*materialize.Finding, error) {
	return l.keptWhere(r, `SELECT `+keptColumns+`, `+partColumns+` FROM finding f WHERE rule_id = ? ORDER BY key`, r.ID)
}

func (l *ledger) keptWhere(r *detection.Rule, query string, args ...any) (out []*materialize.Finding, err error) {
	err = l.each(func(rows *sql.Rows) error {
		f, err := l.kept(r, rows)
		out = append(out, f)
		return err
	}, query, args...)
	return out, err
}

// PutFinding stores a finding.
func (l *ledger) PutFinding(f *materialize.Finding) error {
	part, err := partValues(&f.Part)
	if err != nil {
		return err
	}
	values := append([]any{f.Dest, marshal(f.Row), sortKey(f.Row), verdictNumber(f.Verdict), f.Made}, part...)
	if id := l.ids[f.Key]; id != 0 {
		_, err := l.exec(`UPDATE finding SET dest = ?, row = ?, sort = ?, verdict = ?, made = ?,
			state = ?, count = ?, first = ?, last = ?, change = ? WHERE id = ?`, append(values, id)...)
		return err
	}
	var id int64
	err = l.get(`INSERT INTO finding
		(dest, row, sort, verdict, made, state, count, first, last, change, key, rule_id, by_key)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET dest = excluded.dest, row = excluded.row, sort = excluded.sort,
		verdict = excluded.verdict, made = excluded.made, state = excluded.state, count = excluded.count,
		first = excluded.first, last = excluded.last, change = excluded.change RETURNING id`,
		append(values, f.Key, f.Rule.ID, marshal(f.By)), &id)
	l.ids[f.Key] = id
	return err
}

// DeleteFinding deletes a finding with all that is of it.
func (l *ledger) DeleteFinding(_ *detection.Rule, key string) error {
	id, err := l.find(key)
	if err != nil || id == 0 {
		return err
	}
	delete(l.ids, key)
	if err := l.deleteRisk(` WHERE finding_id = ?`, id); err != nil {
		return err
	}
	return l.do([]any{id},
		`DELETE FROM finding_window WHERE finding_id = ?`,
		`DELETE FROM finding_event WHERE finding_id = ?`,
		`DELETE FROM finding WHERE id = ?`)
}

// Forget deletes whatever a rule has.
func (l *ledger) Forget(rule string) error {
	if err := l.deleteRisk(` WHERE finding_id`+ofRule, rule); err != nil {
		return err
	}
	clear(l.ids)
	return l.do([]any{rule},
		`DELETE FROM finding_window WHERE finding_id`+ofRule,
		`DELETE FROM finding_event WHERE finding_id`+ofRule,
		`DELETE FROM finding WHERE rule_id = ?`,
		`DELETE FROM unattributed WHERE rule_id = ?`)
}

// sortKey encodes the values as they stand in CSV so that the keys' bytes
// compare as the rows do: a value ends with 00 01, a NUL in it is 00 FF.
func sortKey(values []string) []byte {
	var b []byte
	for _, v := range values {
		for _, c := range []byte(csvsafe.Cell(v)) {
			if b = append(b, c); c == 0 {
				b = append(b, 0xff)
			}
		}
		b = append(b, 0, 1)
	}
	return b
}

// cells is the inverse of marshal for a row.
func cells(row string) []string {
	var out []string
	if err := json.Unmarshal([]byte(row), &out); err != nil {
		return nil
	}
	return out
}
