package materialize

import (
	"fmt"
	"maps"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// noteRows notes that the rows of a rule are to be made again.
func (c *Cascade) noteRows(r *detection.Rule) {
	if c.remade[r] == nil {
		c.remade[r] = map[int64]struct{}{}
	}
}

// noteRun notes that the rows of a rule's run over a window are, too.
func (c *Cascade) noteRun(r *detection.Rule, start int64) {
	c.noteRows(r)
	c.remade[r][start] = struct{}{}
}

// unmake deletes a finding whose risk others may tell.
func (c *Cascade) unmake(f *Finding) error {
	c.noteRows(f.Rule)
	told, err := c.tx.Told(f.Rule, f.Key)
	if err != nil {
		return err
	}
	for _, p := range told {
		c.noteRun(f.Rule, p.Start)
	}
	return c.tx.DeleteFinding(f.Rule, f.Key)
}

// remake makes the rows again that were noted.
func (c *Cascade) remake() error {
	if len(c.remade) == 0 {
		return nil
	}
	for _, r := range c.rules.All() {
		starts, noted := c.remade[r]
		if !noted {
			continue
		}
		if err := c.remakeRows(r, starts); err != nil {
			return fmt.Errorf("rows of rule %s: %w", r.ID, err)
		}
	}
	clear(c.remade)
	clear(c.named)
	return nil
}

// remakeRows makes the rows of a rule of all its groups, and those of its runs
// over some windows.
func (c *Cascade) remakeRows(r *detection.Rule, starts map[int64]struct{}) error {
	known, moved, err := c.remakeAll(r)
	if err != nil {
		return err
	}
	maps.Copy(starts, moved)
	return c.remakeRuns(r, sorted(starts), known)
}

// remakeRuns makes runs of a rule over windows, those that it has the time for.
func (c *Cascade) remakeRuns(r *detection.Rule, starts []int64, known map[string]*Finding) error {
	if len(starts) == 0 {
		return nil
	}
	told, err := c.tx.Told(r, "")
	before := make(map[int64]bool, len(told))
	for _, p := range told {
		before[p.Start] = true
	}
	for _, start := range starts {
		if err == nil && c.spent(r) { // what it told stays until then
			err = c.doubt(r, "", start, spl.Pending)
		} else if err == nil {
			err = c.remakeRun(r, start, known, before[start])
		}
	}
	return err
}

// remakeAll makes the rows of a rule of all its groups. known are its findings
// then, moved the windows whose risk others tell.
func (c *Cascade) remakeAll(r *detection.Rule) (known map[string]*Finding, moved map[int64]struct{}, err error) {
	stored, err := c.tx.Findings(r)
	if err != nil {
		return nil, nil, err
	}
	known = map[string]*Finding{}
	var groups []*Finding
	for _, f := range stored {
		if known[f.Key] = f; !f.Made {
			groups = append(groups, f)
		}
	}
	rows, pools, err := c.rowsOfAll(r, groups)
	if err == nil {
		err = c.putRows(r, groups, rows, pools)
	}
	if err == nil {
		moved, err = c.moved(r, known, rows)
	}
	for _, f := range stored {
		if f.Made && rows[f.Key] == nil && err == nil {
			delete(known, f.Key)
			err = c.tx.DeleteFinding(r, f.Key)
		}
	}
	maps.Copy(known, rows)
	return known, moved, err
}

// rowsOfAll are the findings that groups make, by key: those that tell one group's
// row, and the made ones with the keys of their groups (pools).
func (c *Cascade) rowsOfAll(r *detection.Rule, groups []*Finding) (rows map[string]*Finding,
	pools map[string][]string, err error) {
	own := map[string]*Finding{}
	for _, g := range groups {
		own[g.Key] = g
	}
	rows, pools = map[string]*Finding{}, map[string][]string{}
	all, err := c.together(r, groups)
	if err != nil {
		return nil, nil, err
	}
	for _, row := range all {
		f := &Finding{Rule: r, Key: detection.FindingID(r.ID, row.Key), By: row.Key}
		if g := own[f.Key]; g != nil {
			f.Part = g.Part
		} else {
			f.Made, f.Part = true, *NewPart(r)
			pools[f.Key] = nil
			for _, i := range row.Groups {
				if err := f.merge(&groups[i].Part); err != nil {
					return nil, nil, err
				}
				pools[f.Key] = append(pools[f.Key], groups[i].Key)
			}
		}
		f.show(row.Row, row.Verdict)
		f.doubt = row.Doubt
		rows[f.Key] = f
	}
	return rows, pools, nil
}

func planGroups(groups []*Finding) []spl.Group {
	out := make([]spl.Group, len(groups))
	for i, g := range groups {
		out[i] = spl.Group{Key: g.By, State: g.State}
	}
	return out
}

// putRows stores the rows, and of the groups that are in none that they are.
func (c *Cascade) putRows(r *detection.Rule, groups []*Finding, rows map[string]*Finding,
	pools map[string][]string) error {
	for _, g := range groups {
		f := rows[g.Key]
		if f == nil {
			out := *g
			f = &out
			f.show(nil, dropped)
			f.doubt = spl.Decided
		}
		if err := c.doubt(r, f.Key, Whole, f.doubt); err != nil {
			return err
		}
		if f.Verdict == g.Verdict && f.Dest == g.Dest && slices.Equal(f.Row, g.Row) {
			continue
		}
		if err := c.tx.PutFinding(f); err != nil {
			return err
		}
	}
	for _, key := range sorted(pools) {
		if err := c.tx.PutFinding(rows[key]); err != nil {
			return err
		}
		if err := c.tx.PoolMembers(r, key, pools[key]); err != nil {
			return err
		}
		if err := c.doubt(r, key, Whole, rows[key].doubt); err != nil {
			return err
		}
	}
	return nil
}

// moved are the windows whose risk another finding tells from now on: that of a
// made row which is gone is told by a group, and that of one which comes was. A
// new group tells the rows that are named as it is.
func (c *Cascade) moved(r *detection.Rule, old, rows map[string]*Finding) (map[int64]struct{}, error) {
	gone, came := map[string]bool{}, c.named[r]
	for key, f := range old {
		if f.Made && rows[key] == nil {
			gone[key] = true
		}
	}
	for key, f := range rows {
		came = came || f.Made && old[key] == nil
	}
	out := map[int64]struct{}{}
	if len(gone) == 0 && !came {
		return out, nil
	}
	told, err := c.tx.Told(r, "")
	for _, p := range told {
		if f := old[p.Key]; gone[p.Key] || came && f != nil && !f.Made {
			out[p.Start] = struct{}{}
		}
	}
	return out, err
}

// remakeRun makes the risk of a rule's run over a window. A row that the run
// has and all time has not is told by the first group that it is of, in the order
// of BY values. before says whether it had any.
func (c *Cascade) remakeRun(r *detection.Rule, start int64, known map[string]*Finding, before bool) error {
	groups, err := c.tx.Run(r, start)
	if err != nil {
		return err
	}
	all, err := c.together(r, groups)
	if err != nil {
		return err
	}
	t, why := telling{}, spl.Decided
	for _, row := range all {
		if why = max(why, row.Doubt); len(row.Groups) == 0 { // of no event
			continue
		}
		key := detection.FindingID(r.ID, row.Key)
		if known[key] == nil {
			key = groups[row.Groups[0]].Key
		}
		t.add(key, r.RiskEventsOf(key, row, detection.WindowOf(start)))
	}
	if err := c.doubt(r, "", start, why); err != nil {
		return err
	}
	return c.tell(r, "", start, t, before)
}

// Shown says of the findings that a rule makes of groups, by their keys, which it
// shows (Decided), and which are not decided: the rule may differ from the one
// that they are stored of in its filter alone. What there was no time for, when
// the work's context was done, is Pending, and is there whether it is shown or not.
func Shown(w *spl.Work, r *detection.Rule, groups []spl.Group) map[string]spl.Doubt {
	shown := map[string]spl.Doubt{}
	add := func(rows ...spl.Result) {
		for _, row := range rows {
			if row.Verdict == spl.Kept || row.Doubt != spl.Decided {
				shown[detection.FindingID(r.ID, row.Key)] = row.Doubt
			}
		}
	}
	if r.Plan().Local() {
		for _, g := range groups {
			row, err := spl.Result{Key: g.Key, Doubt: spl.Pending}, w.Context.Err()
			if err == nil {
				if row, err = r.Plan().ResultOf(w, g.Key, g.State); err != nil {
					row = spl.Result{Key: g.Key, Doubt: spl.Pending}
				}
			}
			add(row)
		}
		return shown
	}
	rows, err := r.Plan().RowsOf(w, groups)
	add(rows...)
	for _, g := range groups {
		if err != nil {
			add(spl.Result{Key: g.Key, Doubt: spl.Pending})
		}
	}
	return shown
}
