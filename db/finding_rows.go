package db

import (
	"database/sql"
	"encoding/json"
	"errors"

	"escutcheon/csvsafe"
	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/detection/spl"
)

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
