package db

import (
	"cmp"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
)

// Window is one window of a group; nil when there is none.
func (l *ledger) Window(r *detection.Rule, key string, start int64) (*materialize.Part, error) {
	h, err := l.hold(key)
	if err != nil || h.id == 0 {
		return nil, err
	}
	if w := h.at(start); w != nil {
		return h.loaded(r, &w.part)
	}
	p, gathered := l.rows[place{h.id, start}]
	if !gathered && start <= h.rows {
		p = &part{}
		whole := true
		err = l.get(`SELECT `+partColumns+`, `+windowSum.whole("finding_window")+` FROM finding_window
			WHERE finding_id = ? AND start = ?`, []any{h.id, start}, append(p.columns(), &whole)...)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		h.damaged = h.damaged || !whole
	}
	if err != nil || p == nil {
		return nil, err
	}
	return h.loaded(r, p)
}

// Windows are all windows of a group, by their start.
func (l *ledger) Windows(r *detection.Rule, key string) (out []materialize.Window, err error) {
	h, err := l.hold(key)
	if err != nil || h.id == 0 {
		return nil, err
	}
	all, err := l.inRows(h)
	for _, w := range append(all, h.list...) {
		if err != nil {
			return nil, err
		}
		one := materialize.Window{Start: w.start}
		one.Part, err = h.loaded(r, &w.part)
		out = append(out, one)
	}
	return out, err
}

// inRows are the windows of a finding that are rows of their own, by start.
func (l *ledger) inRows(h *held) (out []window, err error) {
	if h.rows == noRows {
		return nil, nil
	}
	if err := l.flushWindows(); err != nil {
		return nil, err
	}
	err = l.each(func(rows *sql.Rows) error {
		var w window
		var whole bool
		err := rows.Scan(append([]any{&w.start, &whole}, w.columns()...)...)
		out, h.damaged = append(out, w), h.damaged || !whole
		return err
	}, `SELECT start, `+windowSum.whole("finding_window")+`, `+partColumns+` FROM finding_window
		WHERE finding_id = ? ORDER BY start`, h.id)
	return out, err
}

// Run are the groups that a rule's run over a window sees.
func (l *ledger) Run(r *detection.Rule, start int64) (out []*materialize.Finding, err error) {
	if r.Plan().Local() { // the windows stand in rows that SQL cannot look into
		return l.runLocal(r, start)
	}
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
	}, `SELECT `+heldColumns+`, w.state, w.count, w.first, w.last, w.change
		FROM finding f JOIN finding_window w ON w.finding_id = f.id WHERE f.rule_id = ? AND w.start = ? ORDER BY f.key`,
		r.ID, start)
	return out, err
}

func (l *ledger) runLocal(r *detection.Rule, start int64) (out []*materialize.Finding, err error) {
	all, err := l.Findings(r)
	for _, f := range all {
		if err != nil {
			return nil, err
		}
		var w *materialize.Part
		if w, err = l.Window(r, f.Key, start); w != nil {
			f.Part = *w
			out = append(out, f)
		}
	}
	return out, err
}

// PutWindow stores a window of a group.
func (l *ledger) PutWindow(r *detection.Rule, key string, w materialize.Window) error {
	h, err := l.must(key)
	if err != nil {
		return err
	}
	p, err := partOf(w.Part)
	if err != nil {
		return err
	}
	one := window{w.Start, p}
	if !r.Plan().Local() || w.Start <= h.rows {
		l.spill(h, []window{one})
		return nil
	}
	h.windows.put(one)
	h.write = max(h.write, partOnly)
	l.spill(h, h.windows.spill())
	return nil
}

// spill makes windows of a finding rows of their own.
func (l *ledger) spill(h *held, list []window) {
	for i := range list {
		l.rows[place{h.id, list[i].start}] = &list[i].part
	}
}

// DeleteWindow deletes a window, and neither members nor risk.
func (l *ledger) DeleteWindow(_ *detection.Rule, key string, start int64) error {
	h, err := l.must(key)
	if err != nil {
		return err
	}
	if h.at(start) != nil {
		h.list = slices.DeleteFunc(h.list, func(w window) bool { return w.start == start })
		h.write = max(h.write, partOnly)
	} else if start <= h.rows {
		l.rows[place{h.id, start}] = nil
	}
	return nil
}

// sum is the checksum of a window's row.
func (p *part) sum(at place) int64 {
	return checksum[any](at.finding, at.start, p.state, p.count, p.first, p.last, p.change)
}

// flushWindows writes the windows that are rows of their own.
func (l *ledger) flushWindows() error {
	for _, p := range sortedPlaces(l.rows) {
		var err error
		if w := l.rows[p]; w == nil {
			_, err = l.exec(`DELETE FROM finding_window WHERE finding_id = ? AND start = ?`, p.finding, p.start)
		} else {
			_, err = l.exec(`INSERT INTO finding_window (finding_id, start, sum, `+partColumns+`)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state, count = excluded.count,
				first = excluded.first, last = excluded.last, change = excluded.change, sum = excluded.sum`,
				w.values([]any{p.finding, p.start, w.sum(p)})...)
		}
		if err != nil {
			return err
		}
	}
	clear(l.rows)
	return nil
}

// sortedPlaces are places in the order of the tables that hang on findings.
func sortedPlaces[V any](m map[place]V) []place {
	return slices.SortedFunc(maps.Keys(m), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.finding, b.finding), cmp.Compare(a.start, b.start))
	})
}
