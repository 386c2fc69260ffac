package db

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/fault"
)

// Some searches end with commands that need all rows at once: sort, head,
// dedup, eventstats, a second stats. Their findings are groups first; the rows
// are made of all groups together, and again whenever one changes. A row of
// one group is that group's; one of several is a finding of its own (made),
// which has the events of all of them.

// remake notes that the rows of a rule are to be made again.
func (s *storer) remake(r *detection.Rule) {
	if s.made == nil {
		s.made = map[*detection.Rule]map[int64]bool{}
	}
	if s.made[r] == nil {
		s.made[r] = map[int64]bool{}
	}
}

// remakeWindow notes that the rows of a rule's scheduled run are to be made
// again.
func (s *storer) remakeWindow(r *detection.Rule, start int64) {
	s.remake(r)
	s.made[r][start] = true
}

// storeMade makes the rows again that remake noted.
func (s *storer) storeMade() error {
	for r, starts := range s.made {
		if err := s.makeRows(r, slices.Sorted(maps.Keys(starts))); err != nil {
			return fmt.Errorf("rows of rule %s: %w", r.ID, err)
		}
	}
	clear(s.made)
	return nil
}

// group is a group as it is stored.
type group struct {
	id   int64
	by   []string
	part *part
}

// groups are a rule's groups of all time, or of one window.
func (s *storer) groups(r *detection.Rule, start *int64) (out []group, err error) {
	query, args := `SELECT id, by_key, state, count, first, last, change FROM finding WHERE rule_id = ? AND made = 0`, []any{r.ID}
	if start != nil {
		query = `SELECT f.id, f.by_key, w.state, w.count, w.first, w.last, w.change FROM finding f JOIN finding_window w ON w.finding_id = f.id
			WHERE f.rule_id = ? AND f.made = 0 AND w.start = ?`
		args = append(args, *start)
	}
	err = each(s.ctx, prepared{s}, func(rows *sql.Rows) error {
		g := group{part: newPart(r)}
		var by, state string
		if err := rows.Scan(&g.id, &by, &state, &g.part.count, &g.part.first, &g.part.last, &g.part.change); err != nil {
			return err
		}
		g.by = cells(by)
		g.part.state, err = r.Plan.Load([]byte(state))
		out = append(out, g)
		return err
	}, query, args...)
	return out, err
}

// makeRows makes the rows of a rule of all groups, and those of some windows.
func (s *storer) makeRows(r *detection.Rule, starts []int64) error {
	made, err := s.column(`SELECT id FROM finding WHERE rule_id = ? AND made = 1`, r.ID)
	if err != nil {
		return err
	}
	windows := map[int64]bool{}
	for _, start := range starts {
		windows[start] = true
	}
	for _, id := range made { // their risk is made again too
		old, err := s.column(`SELECT DISTINCT start FROM risk_event WHERE finding_id = ?`, id)
		if err != nil {
			return err
		}
		for _, start := range old {
			windows[start] = true
		}
		for _, q := range []string{`DELETE FROM risk_event WHERE finding_id = ?`, `DELETE FROM threat_object WHERE finding_id = ?`,
			`DELETE FROM finding_event WHERE finding_id = ?`, `DELETE FROM finding WHERE id = ?`} {
			if _, err := s.exec(q, id); err != nil {
				return err
			}
		}
	}
	groups, err := s.groups(r, nil)
	if err != nil {
		return err
	}
	if _, err := s.exec(`UPDATE finding SET verdict = ? WHERE rule_id = ?`, verdictDropped, r.ID); err != nil {
		return err
	}
	if _, err := s.storeRows(r, groups); err != nil {
		return err
	}
	for _, start := range slices.Sorted(maps.Keys(windows)) {
		if err := s.makeWindow(r, start); err != nil {
			return err
		}
	}
	return nil
}

// storeRows stores the rows of groups: where one is of one group alone, as
// that group's.
func (s *storer) storeRows(r *detection.Rule, groups []group) (rows map[string]int64, err error) {
	byKey := map[string]group{}
	list := make([]spl.Group, len(groups))
	for i, g := range groups {
		byKey[spl.KeyText(g.by)] = g
		list[i] = spl.Group{Key: g.by, State: g.part.state}
	}
	rows = map[string]int64{}
	for _, row := range r.Plan.Rows(list) {
		key := spl.KeyText(row.Key)
		g, own := byKey[key]
		if !own {
			g = group{by: row.Key, part: newPart(r)}
			for _, i := range row.Groups {
				if err := g.part.merge(groups[i].part); err != nil {
					return nil, err
				}
			}
		}
		id, err := s.storeRow(&delta{rule: r, by: g.by}, g.part, row.Row, verdictNumber(row.Verdict), !own)
		if err != nil {
			return nil, err
		}
		rows[key] = id
		if own {
			continue
		}
		for _, i := range row.Groups {
			if _, err := s.exec(`INSERT INTO finding_event (finding_id, start, event_id) SELECT ?, start, event_id FROM finding_event WHERE finding_id = ?
				ON CONFLICT DO NOTHING`, id, groups[i].id); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// makeWindow makes the risk of one scheduled run. A row that the run has and
// all time has not is told by the group that it is of.
func (s *storer) makeWindow(r *detection.Rule, start int64) error {
	const of = ` WHERE start = ? AND finding_id IN (SELECT id FROM finding WHERE rule_id = ?)`
	for _, q := range []string{`DELETE FROM risk_event` + of, `DELETE FROM threat_object` + of} {
		if _, err := s.exec(q, start, r.ID); err != nil {
			return err
		}
	}
	groups, err := s.groups(r, &start)
	if err != nil || len(groups) == 0 {
		return err
	}
	list := make([]spl.Group, len(groups))
	for i, g := range groups {
		list[i] = spl.Group{Key: g.by, State: g.part.state}
	}
	for _, row := range r.Plan.Rows(list) {
		if row.Verdict != spl.Kept || len(row.Groups) == 0 {
			continue
		}
		id := groups[row.Groups[0]].id
		if found, err := s.column(`SELECT id FROM finding WHERE key = ?`, detection.FindingID(r.ID, row.Key)); err != nil {
			return err
		} else if len(found) > 0 {
			id = found[0]
		}
		if err := s.storeRisk(id, r.RiskEventsOf(row, detection.WindowOf(start)), start); err != nil {
			return err
		}
	}
	return nil
}

// TryRule says which findings a rule would show that differs from the stored
// one in its filter alone, by their keys.
func (d *DB) TryRule(ctx context.Context, r *detection.Rule) (shown map[string]bool, err error) {
	defer fault.Wrap(&err, "try rule %s", r.ID)
	shown = map[string]bool{}
	var groups []spl.Group
	err = d.rows(ctx, func(rows *sql.Rows) error {
		var by, state string
		if err := rows.Scan(&by, &state); err != nil {
			return err
		}
		st, err := r.Plan.Load([]byte(state))
		if err != nil {
			return err
		}
		if !r.Plan.Local() {
			groups = append(groups, spl.Group{Key: cells(by), State: st})
			return nil
		}
		if _, verdict := r.Plan.Row(cells(by), st); verdict == spl.Kept {
			shown[detection.FindingID(r.ID, cells(by))] = true
		}
		return nil
	}, `SELECT by_key, state FROM finding WHERE rule_id = ? AND made = 0`, r.ID)
	if err != nil {
		return nil, err
	}
	for _, row := range r.Plan.Rows(groups) {
		if row.Verdict == spl.Kept {
			shown[detection.FindingID(r.ID, row.Key)] = true
		}
	}
	return shown, nil
}
