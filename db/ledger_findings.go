package db

import (
	"cmp"
	"database/sql"
	"maps"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
)

// Finding is one finding of a rule; nil when there is none.
func (l *ledger) Finding(r *detection.Rule, key string) (*materialize.Finding, error) {
	h, err := l.hold(key)
	if err != nil || h.id == 0 || h.rule != r.ID {
		return nil, err
	}
	return h.finding(r)
}

// Findings are all of a rule, by key.
func (l *ledger) Findings(r *detection.Rule) (out []*materialize.Finding, err error) {
	return l.findings(r, ` WHERE f.rule_id = ? ORDER BY f.key`, r.ID)
}

// FindingsAfter are some of a rule, by key: the index over that is what is read.
func (l *ledger) FindingsAfter(r *detection.Rule, key string, most int) (out []*materialize.Finding, err error) {
	return l.findings(r, ` WHERE f.key > ? AND +f.rule_id = ? ORDER BY f.key LIMIT ?`, key, r.ID, most)
}

func (l *ledger) findings(r *detection.Rule, where string, args ...any) (out []*materialize.Finding, err error) {
	if err := l.Flush(); err != nil {
		return nil, err
	}
	err = l.each(func(rows *sql.Rows) error {
		h, err := scanHeld(rows)
		if err != nil {
			return err
		}
		f, err := h.finding(r)
		out = append(out, f)
		return err
	}, `SELECT `+heldColumns+`, `+partColumns+` FROM finding f`+where, args...)
	return out, err
}

// PutFinding stores a finding.
func (l *ledger) PutFinding(f *materialize.Finding) error {
	if err := l.room(); err != nil {
		return err
	}
	h, err := l.hold(f.Key)
	if err != nil {
		return err
	}
	if h.id == 0 {
		if l.last == 0 {
			if err := l.get(`SELECT ifnull(max(id), 0) FROM finding`, nil, &l.last); err != nil {
				return err
			}
		}
		l.last, l.added = l.last+1, l.added+1
		*h = held{id: l.last, key: f.Key, rule: f.Rule.ID, by: marshal(f.By), windows: windows{rows: noRows}, write: insert}
	}
	if !f.Rule.Plan().Local() { // Run asks for windows
		l.spill(h, h.windows.list)
		h.windows = windows{rows: allRows}
	}
	return h.put(f)
}

// DeleteFinding deletes a finding with all that is of it.
func (l *ledger) DeleteFinding(_ *detection.Rule, key string) error {
	h, err := l.hold(key)
	if err != nil || h.id == 0 {
		return err
	}
	l.gone = append(l.gone, h.id)
	*h = held{key: key}
	return nil
}

// flushGone deletes the findings that are gone, and forgets what was gathered of
// them.
func (l *ledger) flushGone() error {
	if len(l.gone) == 0 {
		return nil
	}
	slices.Sort(l.gone)
	is := func(id int64) bool { _, found := slices.BinarySearch(l.gone, id); return found }
	maps.DeleteFunc(l.rows, func(p place, _ *part) bool { return is(p.finding) })
	maps.DeleteFunc(l.told, func(p place, _ *told) bool { return is(p.finding) })
	ofGone := func(m memberRow) bool { return is(m.finding) }
	l.came, l.lost = slices.DeleteFunc(l.came, ofGone), slices.DeleteFunc(l.lost, ofGone)
	if err := l.forgetFindings(l.gone); err != nil {
		return err
	}
	l.gone = l.gone[:0]
	return nil
}

// flushFindings writes the rows that are new or have changed.
func (l *ledger) flushFindings() error {
	var added, changed []*held
	for _, h := range l.held {
		if h.write == insert {
			added = append(added, h)
		} else if h.write != nothing {
			changed = append(changed, h)
		}
	}
	byID := func(a, b *held) int { return cmp.Compare(a.id, b.id) }
	slices.SortFunc(added, byID)
	slices.SortFunc(changed, byID)
	for _, h := range changed {
		if err := l.update(h); err != nil {
			return err
		}
	}
	l.added = 0
	return l.insertAll(added)
}

// insertAll writes new rows, one a statement: several in one would have SQLite
// keep a copy of each page, even so.
func (l *ledger) insertAll(added []*held) error {
	if len(added) == 0 {
		return nil
	}
	var last int64 // the number of the last row
	if err := l.get(`SELECT ifnull(max(id), 0) FROM finding`, nil, &last); err != nil {
		return err
	}
	for _, h := range added {
		if err := l.insert(h, last); err != nil {
			return err
		}
		last = h.id
	}
	return nil
}

// insert writes a new row after the last one. A number is not said where it is
// the one that the row gets: SQLite copies pages for what may not be a number.
func (l *ledger) insert(h *held, last int64) error {
	windows := h.pack(&h.part)
	own, held := h.sums(windows)
	columns, row := ``, `(`
	args := make([]any, 0, 18)
	if h.id != last+1 {
		columns, row, args = `id, `, `(?, `, append(args, h.id)
	}
	_, err := l.exec(`INSERT OR FAIL INTO finding (`+columns+
		`key, rule_id, by_key, dest, row, sort, verdict, made, windows, sum, held, `+partColumns+`)
		VALUES `+row+`?, ?, ?, ?, ?, ?, ?, ?, ifnull(?, x''), ?, ?, ?, ?, ?, ?, ?)`,
		h.part.values(append(args, h.key, h.rule, h.by, h.dest, h.row, h.sort, h.verdict, h.made, windows, own, held))...)
	h.write, h.sort = nothing, nil
	return err
}

// update writes what has changed of a row. What stays is not touched: nor are
// the indexes over it.
func (l *ledger) update(h *held) error {
	windows := h.pack(&h.part)
	own, held := h.sums(windows)
	args := h.part.values([]any{windows, own, held})
	set := `UPDATE finding SET windows = ifnull(?, x''), sum = ?, held = ?, state = ?, count = ?, first = ?, last = ?,
		change = ?`
	if h.write >= andRow {
		set, args = set+`, row = ?, sort = ?`, append(args, h.row, h.sort)
	}
	if h.write >= andVerdict {
		set, args = set+`, dest = ?, verdict = ?, made = ?`, append(args, h.dest, h.verdict, h.made)
	}
	_, err := l.exec(set+` WHERE id = ?`, append(args, h.id)...)
	h.write, h.sort = nothing, nil
	return err
}
